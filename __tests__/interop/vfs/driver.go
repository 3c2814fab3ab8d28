// Drives a sidecar lock by lines on standard input and answers each with one line of JSON. Which lock it is says the file that
// is built beside it: original.go or restated.go.
//
//	set ttl 5s, set owner NAME, set veto on   for the locks that are tried from then on
//	set wait FILE                             its stale handler makes FILE, and waits until it is gone
//	set endpoint URL                          of the service in which paths of the form s3://bucket/key lie
//	try PATH                                  {"kind":"acquired"|"held"|"error", ...}
//	unlock                                    {"kind":"done"|"error"}
//	meta PATH                                 what the record says, or {"kind":"error"}
//	stale PATH                                {"kind":"stale"|"live"|"error"}
//	encode HOST64 OWNER64 PID TTLNS SEC NS    {"kind":"encoded","bytes":BASE64}
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// lock is what both have.
type lock interface {
	Acquire() error
	Release() error
	Age() (time.Duration, error)
	record() (record, error)
	stale() (bool, error)
}

type record struct {
	CreatedAt time.Time
	TTL       time.Duration
	Hostname  string
	PID       int
	OwnerID   string
}

type settings struct {
	ttl      time.Duration
	owner    string
	veto     bool
	endpoint string
	wait     string
}

type answer map[string]any

var (
	given settings
	held  lock
	asked int
)

func main() {
	// The original of v1.0.0 prints what it does.
	out := os.Stdout
	os.Stdout = os.Stderr
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = null
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		command, rest, _ := strings.Cut(lines.Text(), " ")
		said, err := obey(command, rest)
		if err != nil {
			said = answer{"kind": "error", "message": err.Error()}
		}
		text, err := json.Marshal(said)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(out, "%s\n", text)
	}
}

func obey(command, rest string) (answer, error) {
	switch command {
	case "set":
		return answer{"kind": "set"}, set(rest)
	case "try":
		return try(rest)
	case "unlock":
		if held == nil {
			return nil, errors.New("nothing is held")
		}
		err := held.Release()
		held = nil
		return answer{"kind": "done"}, err
	case "meta":
		return meta(rest)
	case "stale":
		l, err := open(rest, given, nil)
		if err != nil {
			return nil, err
		}
		is, err := l.stale()
		return answer{"kind": map[bool]string{true: "stale", false: "live"}[is]}, err
	case "encode":
		return encodeFields(strings.Fields(rest))
	}
	return nil, fmt.Errorf("unknown command %q", command)
}

func set(rest string) (err error) {
	name, value, _ := strings.Cut(rest, " ")
	switch name {
	case "ttl":
		given.ttl, err = time.ParseDuration(value)
	case "owner":
		given.owner = value
	case "wait":
		given.wait = value
	case "endpoint":
		given.endpoint = value
	case "veto":
		given.veto = value == "on"
	default:
		err = fmt.Errorf("unknown setting %q", name)
	}
	return err
}

func try(path string) (answer, error) {
	asked = 0
	handler := func() error {
		asked++
		if err := awaitRemoval(given.wait); err != nil {
			return err
		}
		if given.veto {
			return errors.New("vetoed")
		}
		return nil
	}
	l, err := open(path, given, handler)
	if err != nil {
		return nil, err
	}
	if err := l.Acquire(); errors.Is(err, errHeld) {
		return answer{"kind": "held", "asked": asked}, nil
	} else if err != nil {
		return answer{"kind": "error", "message": err.Error(), "asked": asked}, nil
	}
	held = l
	return answer{"kind": "acquired", "asked": asked}, nil
}

func awaitRemoval(path string) error {
	if path == "" {
		return nil
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	for {
		if _, err := os.Stat(path); err != nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
}

func meta(path string) (answer, error) {
	l, err := open(path, given, nil)
	if err != nil {
		return nil, err
	}
	r, err := l.record()
	if err != nil {
		return nil, err
	}
	age, err := l.Age()
	return answer{
		"kind": "record", "createdAt": r.CreatedAt.UTC().Format(time.RFC3339Nano), "ttlNs": strconv.FormatInt(int64(r.TTL), 10),
		"hostname": r.Hostname, "pid": r.PID, "ownerId": r.OwnerID, "ageMs": age.Milliseconds(),
	}, err
}

func encodeFields(fields []string) (answer, error) {
	if len(fields) != 6 {
		return nil, errors.New("encode needs six fields")
	}
	var texts [2]string
	var numbers [4]int64
	for i := range texts {
		// A dash stands for nothing.
		text, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(fields[i], "-"))
		if err != nil {
			return nil, err
		}
		texts[i] = string(text)
	}
	for i := range numbers {
		number, err := strconv.ParseInt(fields[i+2], 10, 64)
		if err != nil {
			return nil, err
		}
		numbers[i] = number
	}
	bytes, err := encode(record{
		Hostname: texts[0], OwnerID: texts[1], PID: int(numbers[0]), TTL: time.Duration(numbers[1]),
		CreatedAt: time.Unix(numbers[2], numbers[3]).UTC(),
	})
	return answer{"kind": "encoded", "bytes": base64.StdEncoding.EncodeToString(bytes)}, err
}
