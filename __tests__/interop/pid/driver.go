// Drives github.com/nightlyone/lockfile, or what a replace has put into its place, by lines on standard input, each answered by one line:
// "ok …" or "error WORD". Commands: new PATH, try PATH, unlock PATH, owner PATH, scan HEXADECIMAL; with the fork also
// expire MINUTES PATH, retry MINUTES PATH, change PID PATH.
package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nightlyone/lockfile"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		bench(os.Args[2], os.Args[3])
		return
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<20)
	for in.Scan() {
		command, rest, _ := strings.Cut(in.Text(), " ")
		fmt.Println(answer(command, rest))
	}
}

func answer(command, path string) string {
	switch command {
	case "new":
		_, err := lockfile.New(path)
		return word(err)
	case "scan":
		// The very call by which the original reads a pid; its result leaves the original only when that process lives.
		return scan(path)
	}
	number := int64(0)
	if command == "expire" || command == "retry" || command == "change" {
		given, rest, _ := strings.Cut(path, " ")
		value, err := strconv.ParseInt(given, 10, 64)
		if err != nil {
			return "error number"
		}
		number, path = value, rest
	}
	lock, err := open(path)
	if err != nil {
		return word(err)
	}
	// Only the fork has these.
	expiring, _ := any(lock).(interface {
		TryLockExpire(int64) error
		TryLockExpireWithRetry(int64) error
		ChangeOwner(int) error
	})
	switch {
	case expiring == nil:
	case command == "expire":
		return word(expiring.TryLockExpire(number))
	case command == "retry":
		return word(expiring.TryLockExpireWithRetry(number))
	case command == "change":
		return word(expiring.ChangeOwner(int(number)))
	}
	switch command {
	case "try":
		return word(lock.TryLock())
	case "unlock":
		return word(lock.Unlock())
	case "owner":
		process, err := lock.GetOwner()
		if err != nil {
			return word(err)
		}
		return fmt.Sprintf("ok %d", process.Pid)
	}
	return "error unknown-command"
}

type locker interface {
	GetOwner() (*os.Process, error)
	TryLock() error
	Unlock() error
}

// open is another in restated.go.
var open = func(path string) (locker, error) { return lockfile.New(path) }

func scan(hexadecimal string) string {
	bytes, err := hex.DecodeString(hexadecimal)
	if err != nil {
		return "error hexadecimal"
	}
	var value int
	if _, err := fmt.Sscanln(string(bytes), &value); err != nil {
		return "error invalid"
	}
	return fmt.Sprintf("ok %d", value)
}

func word(err error) string {
	var errno syscall.Errno
	switch {
	case err == nil:
		return "ok"
	case err == lockfile.ErrBusy:
		return "error busy"
	case err == lockfile.ErrNotExist:
		return "error vanished"
	case err == lockfile.ErrNeedAbsPath:
		return "error not-absolute"
	case err == lockfile.ErrInvalidPid:
		return "error invalid-pid"
	case err == lockfile.ErrDeadOwner:
		return "error dead-owner"
	case err == lockfile.ErrRogueDeletion:
		return "error rogue-deletion"
	case errors.As(err, &errno):
		return fmt.Sprintf("error errno %d", int(errno))
	}
	return "error " + strings.ReplaceAll(err.Error(), "\n", " ")
}

// Takes and gives back the lock `rounds` times for each line on standard input, and prints how many nanoseconds that took.
func bench(path, rounds string) {
	count, err := strconv.Atoi(rounds)
	if err != nil {
		panic(err)
	}
	lock, err := lockfile.New(path)
	if err != nil {
		panic(err)
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		started := time.Now()
		for round := 0; round < count; round++ {
			if err := lock.TryLock(); err != nil {
				panic(err)
			}
			if err := lock.Unlock(); err != nil {
				panic(err)
			}
		}
		fmt.Println(time.Since(started).Nanoseconds())
	}
}
