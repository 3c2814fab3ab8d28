// The Go variant of Asterisk's lockfile, written from its description: an empty file of mode 0600, linked to ".lock", tried 12
// times with half a second between two. blog-lockfile bench DIRECTORY CYCLES locks and unlocks so often for each line on standard
// input, and prints how many nanoseconds that took.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	tries = 12
	pause = 500 * time.Millisecond
)

func lock(directory string) error {
	temporary := filepath.Join(directory, fmt.Sprintf(".lock-%08x", rand.Int31()))
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0600)
	if err != nil {
		return err
	}
	defer os.Remove(temporary)
	if err := file.Close(); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := os.Link(temporary, filepath.Join(directory, ".lock"))
		if err == nil || !errors.Is(err, os.ErrExist) || try == tries {
			return err
		}
		time.Sleep(pause)
	}
}

func unlock(directory string) error {
	return os.Remove(filepath.Join(directory, ".lock"))
}

func cycle(directory string, cycles int) error {
	for i := 0; i < cycles; i++ {
		if err := lock(directory); err != nil {
			return err
		}
		if err := unlock(directory); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if len(os.Args) != 4 || os.Args[1] != "bench" {
		fmt.Fprintln(os.Stderr, "blog-lockfile bench DIRECTORY CYCLES")
		os.Exit(2)
	}
	cycles, err := strconv.Atoi(os.Args[3])
	lines := bufio.NewScanner(os.Stdin)
	for err == nil && lines.Scan() {
		started := time.Now()
		if err = cycle(os.Args[2], cycles); err == nil {
			fmt.Println(time.Since(started).Nanoseconds())
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
