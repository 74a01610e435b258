package azurelab

import (
	"fmt"
	"strings"
)

// The evaluation of a script: see apply_az_parse.go for the part of the
// language that there is.

// list runs lists one after the other; the last decides.
func (c *Console) list(l []shellChain) (stdout string, ok bool, err error) {
	ok = true
	for _, chain := range l {
		var out string
		out, ok, err = c.chain(chain)
		stdout += out
		if err != nil {
			return stdout, false, err
		}
	}
	return stdout, ok, nil
}

// chain runs commands that && and || join: equal in rank, from left to right.
func (c *Console) chain(chain shellChain) (stdout string, ok bool, err error) {
	ok = true
	for i, command := range chain.commands {
		if i > 0 && (chain.operators[i-1] == "&&") != ok {
			continue
		}
		var out string
		out, ok, err = c.command(command)
		stdout += out
		if err != nil {
			return stdout, false, err
		}
	}
	return stdout, ok, nil
}

func (c *Console) command(s shellCommand) (stdout string, ok bool, err error) {
	switch {
	case s.group != nil:
		stdout, ok, err = c.list(s.group)
	case s.name != "":
		value, err := c.word(s.value)
		if err != nil {
			return "", false, err
		}
		c.variables[s.name] = value
		return "", true, nil
	default:
		stdout, ok, err = c.simple(s.words)
	}
	if s.toStderr {
		c.stderr.WriteString(stdout)
		stdout = ""
	}
	return stdout, ok, err
}

func (c *Console) simple(words []shellWord) (stdout string, ok bool, err error) {
	args := make([]string, len(words))
	for i, w := range words {
		if args[i], err = c.word(w); err != nil {
			return "", false, err
		}
	}
	switch args[0] {
	case ":":
		return "", true, nil
	case "false":
		return "", false, nil
	case "echo":
		return strings.Join(args[1:], " ") + "\n", true, nil
	case "[":
		switch {
		case len(args) == 4 && args[1] == "-n" && args[3] == "]":
			return "", args[2] != "", nil
		case len(args) == 5 && args[2] == "=" && args[4] == "]":
			return "", args[1] == args[3], nil
		}
		return "", false, fmt.Errorf("the lab does not know the test %q", args)
	}
	stdout, err = c.program(args)
	return stdout, err == nil, err
}

// word expands a word. All that is expanded stands in double quotes, so that it
// is neither split nor matched with names of files.
func (c *Console) word(w shellWord) (string, error) {
	var b strings.Builder
	for _, part := range w {
		switch {
		case part.substitution != nil:
			out, ok, err := c.list(part.substitution)
			if err != nil {
				return "", err
			}
			if !ok {
				return "", fmt.Errorf("a command substitution failed")
			}
			b.WriteString(strings.TrimRight(out, "\n"))
		case part.variable != "":
			value, set := c.variables[part.variable]
			if value == "" && part.operator != "" {
				other, err := c.word(part.operand)
				if err != nil {
					return "", err
				}
				if part.operator == ":?" {
					return "", fmt.Errorf("%s: %s", part.variable, other)
				}
				value, set = other, true
			}
			if !set {
				return "", fmt.Errorf("the variable %s is not set", part.variable)
			}
			b.WriteString(value)
		default:
			b.WriteString(part.literal)
		}
	}
	return b.String(), nil
}
