// The fork with expiry as docs/protocols.md describes it, for where its module can't be had: the companion put around the module
// that was forked. It has the faults that are described there, and in the same order.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/nightlyone/lockfile"
)

type restated struct {
	plain     lockfile.Lockfile
	record    string
	companion string
}

func init() {
	open = func(path string) (locker, error) {
		plain, err := lockfile.New(path)
		return &restated{plain, path, path + ".expire"}, err
	}
}

func (l *restated) GetOwner() (*os.Process, error) { return l.plain.GetOwner() }

func (l *restated) TryLock() error {
	for {
		if _, err := os.Lstat(l.record); err == nil && l.stale() {
			l.removeBoth()
		}
		err := l.plain.TryLock()
		if err != nil {
			if err == lockfile.ErrBusy && l.over() {
				continue
			}
			return err
		}
		if !l.over() {
			return nil
		}
		// An orphan lies there, and lets what was just taken count as over.
		l.removeBoth()
	}
}

func (l *restated) TryLockExpire(minutes int64) error {
	if err := l.TryLock(); err != nil {
		return err
	}
	until := time.Now().Unix() + 60*minutes
	err := os.WriteFile(l.companion, fmt.Appendln(nil, until), 0600)
	if err != nil {
		l.removeBoth()
	}
	return err
}

func (l *restated) TryLockExpireWithRetry(minutes int64) error {
	var err error
	for round := 0; round < 2; round++ {
		for try := 0; try < 2; try++ {
			if err = l.TryLockExpire(minutes); err == nil || err == lockfile.ErrBusy {
				return err
			}
			if try == 0 {
				time.Sleep(100 * time.Millisecond)
			}
		}
		l.removeBoth()
	}
	return err
}

func (l *restated) ChangeOwner(pid int) error {
	owner, err := l.GetOwner()
	if err != nil {
		return err
	}
	if owner.Pid != os.Getpid() {
		return lockfile.ErrBusy
	}
	// It asks whether the next owner is alive in the way in which it asks of any.
	probe := l.record + ".probe"
	defer os.Remove(probe)
	if err := os.WriteFile(probe, fmt.Appendln(nil, pid), 0600); err != nil {
		return err
	}
	if _, err := lockfile.Lockfile(probe).GetOwner(); err != nil {
		return err
	}
	return os.WriteFile(l.record, fmt.Appendln(nil, pid), 0600)
}

func (l *restated) Unlock() error {
	err := l.plain.Unlock()
	if err == nil {
		os.Remove(l.companion)
	}
	return err
}

// stale: nobody has it, or whose time is over.
func (l *restated) stale() bool {
	owner, err := l.GetOwner()
	switch err {
	case nil:
		return owner.Pid == os.Getpid() || l.over()
	case lockfile.ErrDeadOwner, lockfile.ErrInvalidPid:
		return true
	}
	return false
}

func (l *restated) over() bool {
	text, err := os.ReadFile(l.companion)
	if os.IsNotExist(err) {
		return false
	}
	var until int64
	if _, scanned := fmt.Sscanln(string(text), &until); err != nil || scanned != nil {
		return true
	}
	return until < time.Now().Unix()
}

func (l *restated) removeBoth() {
	os.Remove(l.record)
	os.Remove(l.companion)
}
