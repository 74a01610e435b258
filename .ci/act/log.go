package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An entry is a record of the engine's log.
type entry struct {
	Message string `json:"msg"`
	StepID  []string
	Stage   string
	Result  string `json:"stepResult"`
	Job     string `json:"jobID"`
	JobName string `json:"job"`
	// Of the last record of a job.
	JobResult string
	// Of workflow commands, and of what the engine read out of the command files.
	Command string
	Name    string
	Arg     string
	Raw     string
	Content string
}

func (e entry) contains(secret string) bool {
	return slices.ContainsFunc([]string{e.Message, e.Arg, e.Raw, e.Content}, func(s string) bool { return strings.Contains(s, secret) })
}

type log []entry

func parse(output []byte) log {
	var l log
	for _, line := range lines(output) {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			e = entry{Message: line}
		}
		l = append(l, e)
	}
	return l
}

// of is the log of one step, by its id; a step without one has its number.
func (l log) of(id string) log {
	return slices.DeleteFunc(slices.Clone(l), func(e entry) bool { return e.Stage != "Main" || !slices.Contains(e.StepID, id) })
}

func (l log) commands(name string) log {
	return slices.DeleteFunc(slices.Clone(l), func(e entry) bool { return e.Command != name })
}

func (l log) result() string {
	for _, e := range l {
		if e.Result != "" {
			return e.Result
		}
	}
	return ""
}

func (l log) output(name string) string {
	for _, e := range l.commands("set-output") {
		if e.Name == name {
			return e.Arg
		}
	}
	return ""
}

func (l log) String() string {
	var b strings.Builder
	for _, e := range l {
		b.WriteString(strings.TrimRight(e.Message, "\n") + "\n")
	}
	return b.String()
}

// problems are all that is wrong with a run, not only the first.
type problems []string

func (p *problems) add(format string, args ...any) {
	*p = append(*p, fmt.Sprintf(format, args...))
}

// leaks adds each secret of the lab that the log shows.
func (p *problems) leaks(log log, lab *lab) {
	secrets := lab.secrets()
	if len(secrets) == 0 {
		p.add("the lab names no secrets to look for")
	}
	for _, secret := range secrets {
		for _, e := range log {
			// What a mask hides is the one place where a secret is printed on purpose.
			if e.Command != "add-mask" && e.contains(secret) {
				p.add("a secret in the log: %s", strings.ReplaceAll(e.Message, secret, "(the secret)"))
			}
		}
	}
}

// err is nil when nothing is wrong.
func (p problems) err(log log) error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("%s\nthe log:\n%s", strings.Join(p, "\n"), log)
}
