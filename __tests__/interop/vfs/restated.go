// The sidecar lock as docs/protocols.md describes it, for machines that can't get the original's module: the same record by
// the same encoder of Go, and the same order of what is done: look, judge, delete, write beside, rename over.
package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

var errHeld = errors.New("held")

// written has the names of the keys that later versions write.
type written struct {
	CreatedAt time.Time     `json:"createdAt"`
	TTL       time.Duration `json:"ttl"`
	Hostname  string        `json:"hostname"`
	PID       int           `json:"pid"`
	OwnerID   string        `json:"ownerId,omitempty"`
}

type restated struct {
	sidecar string
	with    settings
	onStale func() error
}

func open(path string, with settings, onStale func() error) (lock, error) {
	return restated{path + ".lock", with, onStale}, nil
}

func (l restated) Acquire() error {
	if _, err := os.Stat(l.sidecar); err == nil {
		if err := l.clear(); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	bytes, err := encode(record{time.Now().UTC(), l.with.ttl, host, os.Getpid(), l.with.owner})
	if err != nil {
		return err
	}
	return l.put(bytes)
}

// clear removes a lock that is stale.
func (l restated) clear() error {
	stale, err := l.stale()
	if err != nil {
		return err
	}
	if !stale {
		return errHeld
	}
	if l.onStale != nil {
		if err := l.onStale(); err != nil {
			return err
		}
	}
	return os.Remove(l.sidecar)
}

func (l restated) put(bytes []byte) error {
	beside, err := os.CreateTemp(filepath.Dir(l.sidecar), "restated-*")
	if err != nil {
		return err
	}
	if _, err := beside.Write(bytes); err != nil {
		return err
	}
	if err := beside.Close(); err != nil {
		return err
	}
	return os.Rename(beside.Name(), l.sidecar)
}

func (l restated) Release() error {
	if err := os.Remove(l.sidecar); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (l restated) Age() (time.Duration, error) {
	r, err := l.record()
	return time.Since(r.CreatedAt), err
}

func (l restated) record() (record, error) {
	file, err := os.Open(l.sidecar)
	if err != nil {
		return record{}, err
	}
	defer file.Close()
	var w written
	err = json.NewDecoder(file).Decode(&w)
	return record(w), err
}

func (l restated) stale() (bool, error) {
	r, err := l.record()
	return err == nil && r.TTL != 0 && time.Now().After(r.CreatedAt.Add(r.TTL)), err
}

func encode(r record) ([]byte, error) {
	return json.MarshalIndent(written(r), "", "  ")
}
