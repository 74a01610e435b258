package actionsrunner

import (
	"fmt"
	"strings"
)

// A Pair is a name and a value of a file command.
type Pair struct{ Name, Value string }

// Pairs reads the file of GITHUB_OUTPUT, GITHUB_ENV or GITHUB_STATE: NAME=VALUE,
// or NAME<<DELIMITER and lines up to the delimiter's. An error fails the step.
// https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs
func Pairs(file string) ([]Pair, error) {
	var pairs []Pair
	for file != "" {
		var line string
		line, file, _ = strings.Cut(file, "\n")
		if line == "" {
			continue
		}
		equals, here := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case equals >= 0 && (here < 0 || equals < here):
			pairs = append(pairs, Pair{line[:equals], line[equals+1:]})
		case here >= 0:
			name, delimiter := line[:here], line[here+2:]
			if name == "" || delimiter == "" {
				return pairs, fmt.Errorf("invalid format %q", line)
			}
			value, rest, err := document(file, delimiter)
			if err != nil {
				return pairs, err
			}
			pairs, file = append(pairs, Pair{name, value}), rest
		default:
			return pairs, fmt.Errorf("invalid format %q", line)
		}
	}
	return pairs, nil
}

// document reads the lines up to the delimiter's.
func document(file, delimiter string) (value, rest string, err error) {
	var lines []string
	for {
		line, after, whole := strings.Cut(file, "\n")
		switch {
		case line == delimiter:
			return strings.Join(lines, "\n"), after, nil
		case !whole:
			return "", "", fmt.Errorf("matching delimiter not found %q", delimiter)
		}
		lines, file = append(lines, line), after
	}
}
