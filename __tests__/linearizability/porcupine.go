// Asks porcupine, https://github.com/anishathalye/porcupine, whether histories are linearizable. Each line of the standard
// input is one history, each of the standard output its verdict: Ok, Illegal, or Unknown if it takes too long. What a register with compare-and-set does
// is written here once more, from the contract of the store, and shares nothing with checker.ts.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

const limit = time.Second

type operation struct {
	Kind     string
	Expected string
	Value    string
	CallNs   float64
	// Missing when the operation has no end.
	ReturnNs *float64
	Outcome  struct {
		Kind    string
		Version string
		Value   *string
	}
}

// The state is the version; what a write gives is known by what was ever answered about its value.
func register(versions map[string]string) porcupine.Model {
	return porcupine.Model{
		Init: func() interface{} { return "absent" },
		Step: func(state, input, _ interface{}) (bool, interface{}) {
			op := input.(operation)
			switch op.Outcome.Kind {
			case "absent":
				return state == "absent", state
			case "found":
				return state == op.Outcome.Version, state
			case "written":
				return state == op.Expected, op.Outcome.Version
			case "conflict":
				return state != op.Expected, state
			case "refused":
				return true, state
			case "unknown":
				if state != op.Expected {
					return true, state
				}
				if version, seen := versions[op.Value]; seen {
					return true, version
				}
				return true, "never seen: " + op.Value
			}
			panic("no outcome of this kind: " + op.Outcome.Kind)
		},
	}
}

// False when a version has two values, or a value two versions.
func versionsOf(history []operation) (map[string]string, bool) {
	versions, values := map[string]string{}, map[string]string{}
	for _, op := range history {
		version, value := op.Outcome.Version, op.Value
		if op.Outcome.Kind == "found" && op.Outcome.Value != nil {
			value = *op.Outcome.Value
		} else if op.Outcome.Kind != "written" {
			continue
		}
		if known, ok := versions[value]; ok && known != version {
			return nil, false
		}
		if known, ok := values[version]; ok && known != value {
			return nil, false
		}
		versions[value], values[version] = version, value
	}
	return versions, true
}

func verdictOn(history []operation) porcupine.CheckResult {
	versions, ok := versionsOf(history)
	if !ok {
		return porcupine.Illegal
	}
	operations := []porcupine.Operation{}
	for _, op := range history {
		// Without an end it may come after all others, where it changes nothing that anybody sees: as if it never came.
		end := int64(math.MaxInt64)
		if op.ReturnNs != nil {
			end = int64(*op.ReturnNs)
		}
		operations = append(operations, porcupine.Operation{Input: op, Call: int64(op.CallNs), Return: end})
	}
	return porcupine.CheckOperationsTimeout(register(versions), operations, limit)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64*1024*1024)
	for lines.Scan() {
		var history []operation
		if err := json.Unmarshal(lines.Bytes(), &history); err != nil {
			panic(err)
		}
		fmt.Println(verdictOn(history))
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}
