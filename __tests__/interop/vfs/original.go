package main

import (
	"encoding/json"

	"github.com/c2fo/vfs/contrib/lockfile"
	"github.com/c2fo/vfs/v7/backend/os"
)

var errHeld = lockfile.ErrLockAlreadyHeld

type original struct{ *lockfile.Lock }

func open(path string, with settings, onStale func() error) (lock, error) {
	file, err := os.NewFileSystem().NewFile("", path)
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
