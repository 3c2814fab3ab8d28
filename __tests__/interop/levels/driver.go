// Drives Vanadium's directory lock by lines on standard input, each answered by one line. It is built inside a copy of the
// module v.io, for the packages are internal.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"v.io/x/ref/services/agent/internal/lock"
	"v.io/x/ref/services/agent/internal/lockutil"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		bench(os.Args[2], os.Args[3])
		return
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<20)
	for in.Scan() {
		command, argument, _ := strings.Cut(in.Text(), " ")
		fmt.Println(strings.ReplaceAll(answer(command, argument), "\n", "\\n"))
	}
}

func answer(command, argument string) string {
	switch command {
	case "try":
		return truth(lock.NewDirLock(argument).TryLock())
	case "lock":
		return done(lock.NewDirLock(argument).Lock())
	case "unlock":
		return done(lock.NewDirLock(argument).Unlock())
	case "must-try":
		return must(func() string { return truth(lock.NewDirLock(argument).Must().TryLock(), nil) })
	case "must-unlock":
		return must(func() string { lock.NewDirLock(argument).Must().Unlock(); return "ok" })
	case "record":
		return record(argument)
	case "held":
		bytes, err := hex.DecodeString(argument)
		if err != nil {
			return "error hexadecimal"
		}
		return truth(lockutil.StillHeld(bytes))
	}
	return "error unknown command"
}

// What this process would put into the lock of a directory.
func record(directory string) string {
	name, err := lockutil.CreateLockFile(directory, "record")
	if err != nil {
		return done(err)
	}
	defer os.Remove(name)
	bytes, err := os.ReadFile(name)
	if err != nil {
		return done(err)
	}
	return hex.EncodeToString(bytes)
}

func must(operation func() string) (answer string) {
	defer func() {
		if fault := recover(); fault != nil {
			answer = fmt.Sprintf("panic %v", fault)
		}
	}()
	return operation()
}

func truth(is bool, err error) string {
	if err != nil {
		return done(err)
	}
	return strconv.FormatBool(is)
}

func done(err error) string {
	if err != nil {
		return "error " + err.Error()
	}
	return "ok"
}

// Takes and gives back the lock `rounds` times for each line on standard input, and prints how many nanoseconds that took.
func bench(path, rounds string) {
	count, err := strconv.Atoi(rounds)
	if err != nil {
		panic(err)
	}
	held := lock.NewDirLock(path)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		started := time.Now()
		for round := 0; round < count; round++ {
			if locked, err := held.TryLock(); err != nil || !locked {
				panic(fmt.Sprint("not locked: ", err))
			}
			if err := held.Unlock(); err != nil {
				panic(err)
			}
		}
		fmt.Println(time.Since(started).Nanoseconds())
	}
}
