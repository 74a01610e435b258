package azurelab

import (
	"fmt"
	"regexp"
	"strings"
)

// The parts of OData and of JMESPath that commands to paste are written in.

var filterShape = regexp.MustCompile(`^([A-Za-z]+) eq '((?:[^']|'')*)'$`)

// filter is the value that a filter of OData asks a property to be equal to.
func filter(text, property string) (string, error) {
	m := filterShape.FindStringSubmatch(text)
	if m == nil || m[1] != property {
		return "", fmt.Errorf("the filter %q is not %s eq '…'", text, property)
	}
	return strings.ReplaceAll(m[2], "''", "'"), nil
}

var (
	querySelect    = regexp.MustCompile(`^(\[\]\.|\[\?(.*)\]\.)?([A-Za-z]+(?:\.[A-Za-z]+)*)( \| \[0\](?: \|\| '([^'\\]*)')?)?$`)
	queryCondition = regexp.MustCompile(`^([A-Za-z]+(?:\.[A-Za-z]+)*)=='((?:[^'\\]|\\')*)'(?: && |$)`)
)

// search is a query of JMESPath: a property of an object, or of those objects
// of a list for which conditions hold, and perhaps the first of the results, or
// a word where there is none.
func search(data any, query string) (any, error) {
	m := querySelect.FindStringSubmatch(query)
	if m == nil {
		return nil, fmt.Errorf("the lab does not know the query %q", query)
	}
	conditions := map[string]string{}
	for rest := m[2]; rest != ""; {
		c := queryCondition.FindStringSubmatch(rest)
		if c == nil {
			return nil, fmt.Errorf("the lab does not know the condition %q", rest)
		}
		conditions[c[1]] = strings.ReplaceAll(c[2], `\'`, "'")
		rest = rest[len(c[0]):]
	}
	if one, ok := data.(object); ok && m[1] == "" && m[4] == "" {
		return property(one, m[3]), nil
	}
	list, ok := data.([]object)
	if !ok || m[1] == "" {
		return nil, fmt.Errorf("the query %q does not fit what the command prints", query)
	}
	found := []any{}
	for _, o := range list {
		holds := true
		for name, want := range conditions {
			holds = holds && property(o, name) == any(want)
		}
		if v := property(o, m[3]); holds && v != nil {
			found = append(found, v)
		}
	}
	switch {
	case m[4] == "":
		return found, nil
	case len(found) > 0:
		return found[0], nil
	case m[5] != "":
		return m[5], nil
	}
	return nil, nil
}

// property follows a path of names, nil when there is nothing at its end.
func property(o object, path string) any {
	name, rest, more := strings.Cut(path, ".")
	if !more {
		return o[name]
	}
	inner, _ := o[name].(object)
	return property(inner, rest)
}

// tsv is what az prints with -o tsv: nothing for null and for an empty list.
func tsv(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v + "\n", nil
	case []any:
		var b strings.Builder
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return "", fmt.Errorf("the lab does not know how az prints %T", item)
			}
			b.WriteString(s + "\n")
		}
		return b.String(), nil
	}
	return "", fmt.Errorf("the lab does not know how az prints %T", v)
}
