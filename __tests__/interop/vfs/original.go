package main

import (
	"encoding/json"
	"strings"

	"github.com/c2fo/vfs/contrib/lockfile"
	"github.com/c2fo/vfs/v7"
	"github.com/c2fo/vfs/v7/backend/os"
	"github.com/c2fo/vfs/v7/backend/s3"
)

var errHeld = lockfile.ErrLockAlreadyHeld

type original struct{ *lockfile.Lock }

func open(path string, with settings, onStale func() error) (lock, error) {
	file, err := fileAt(path, with.endpoint)
	if err != nil {
		return nil, err
	}
	options := []lockfile.Option{lockfile.WithTTL(with.ttl), lockfile.WithOwnerID(with.owner)}
	if onStale != nil {
		options = append(options, lockfile.OnStale(func(lockfile.Metadata) error { return onStale() }))
	}
	l, err := lockfile.NewLock(file, options...)
	return original{l}, err
}

// fileAt knows paths of a disk, and s3://bucket/key.
func fileAt(path, endpoint string) (vfs.File, error) {
	object, inS3 := strings.CutPrefix(path, "s3://")
	if !inS3 {
		return os.NewFileSystem().NewFile("", path)
	}
	bucket, key, _ := strings.Cut(object, "/")
	options := s3.Options{Endpoint: endpoint, Region: "us-east-1", ForcePathStyle: true, DisableServerSideEncryption: true}
	return s3.NewFileSystem(s3.WithOptions(options)).NewFile(bucket, "/"+key)
}

func (l original) record() (record, error) {
	m, err := l.Metadata()
	if err != nil {
		return record{}, err
	}
	return record{m.CreatedAt, m.TTL, m.Hostname, m.PID, m.OwnerID}, nil
}

func (l original) stale() (bool, error) {
	is, _, err := l.IsStale()
	return is, err
}

func encode(r record) ([]byte, error) {
	m := lockfile.Metadata{CreatedAt: r.CreatedAt, TTL: r.TTL, Hostname: r.Hostname, PID: r.PID, OwnerID: r.OwnerID}
	return json.MarshalIndent(m, "", "  ")
}
