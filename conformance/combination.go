package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// A combination is one call in one environment. Values may be symbols of the
// [lab]. What a map does not have is unset, which is not the same as empty.
type combination struct {
	Client    litellm.Client    `json:"client"`
	Op        litellm.Kind      `json:"op"`
	ModelType string            `json:"model_type,omitempty"` // DSPy's
	Model     string            `json:"model"`
	Async     bool              `json:"async,omitempty"`
	Stream    bool              `json:"stream,omitempty"`
	Params    map[string]any    `json:"params"`
	Headers   map[string]string `json:"extra_headers,omitempty"`
	Common    map[string]string `json:"headers,omitempty"`        // litellm.headers
	Provider  string            `json:"provider,omitempty"`       // the token that azure_ad_token_provider returns
	Scope     string            `json:"provider_scope,omitempty"` // or the scope of a real one, over DefaultAzureCredential
	Globals   map[string]any    `json:"globals"`
	Env       map[string]string `json:"env"`
	Behaviour string            `json:"-"`
}

// String is the combination as a line that can be read and typed again.
func (c *combination) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", c.Client, c.Op, c.Model)
	if c.ModelType != "" {
		fmt.Fprintf(&b, " model_type=%s", c.ModelType)
	}
	if c.Async {
		b.WriteString(" async")
	}
	if c.Stream {
		b.WriteString(" stream")
	}
	for _, part := range []struct {
		name string
		m    map[string]any
	}{{"param ", c.Params}, {"global ", c.Globals}, {"header ", anyMap(c.Headers)}, {"litellm.headers ", anyMap(c.Common)}, {"", anyMap(c.Env)}} {
		for _, k := range slices.Sorted(maps.Keys(part.m)) {
			v, err := json.Marshal(part.m[k])
			if err != nil {
				v = []byte("?")
			}
			text := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(v))
			fmt.Fprintf(&b, "; %s%s=%s", part.name, k, text)
		}
	}
	if c.Provider != "" || c.Scope != "" {
		fmt.Fprintf(&b, "; provider in code %s%s", c.Provider, c.Scope)
	}
	if c.Behaviour != "" {
		fmt.Fprintf(&b, "; service %s", c.Behaviour)
	}
	return b.String()
}

func anyMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// clone is a copy that can be changed.
func (c *combination) clone() *combination {
	d := *c
	d.Params, d.Globals = maps.Clone(c.Params), maps.Clone(c.Globals)
	d.Env, d.Headers, d.Common = maps.Clone(c.Env), maps.Clone(c.Headers), maps.Clone(c.Common)
	return &d
}

// call is the combination in the words of package litellm.
func (l *lab) call(c *combination, v litellm.Versions) litellm.Call {
	env := l.fillMap(c.Env)
	call := litellm.Call{
		Client: c.Client, Model: c.Model, Alias: "alias", Kind: c.Op,
		Params: l.values(c.Params), Globals: l.values(c.Globals),
		Async:    c.Async,
		Stream:   c.Stream,
		Provider: c.Provider != "" || c.Scope != "",
		Versions: v,
		Env: func(name string) litellm.Value {
			text, ok := env[name]
			if !ok {
				return litellm.Value{From: "variable " + name}
			}
			return litellm.Value{Set: true, Text: secret.New(text), From: "variable " + name, Var: name}
		},
	}
	if c.ModelType != "" {
		call.Params["model_type"] = litellm.Value{Set: true, Text: secret.New(c.ModelType), From: "model_type"}
	}
	for name, value := range c.Common {
		call.Globals["headers."+name] = l.headerValue(value, "litellm.headers")
	}
	for name, value := range c.Headers {
		call.Params["extra_headers."+name] = l.headerValue(value, "extra_headers")
	}
	return call
}

func (l *lab) headerValue(text, from string) litellm.Value {
	v := litellm.Value{Set: true, Text: secret.New(l.fill(text)), From: from}
	if number, found := strings.CutPrefix(text, "#"); found {
		v.Text, v.Type = secret.New(number), litellm.Number
	}
	return v
}

func (l *lab) values(m map[string]any) map[string]litellm.Value {
	out := map[string]litellm.Value{}
	for k, v := range m {
		switch v := v.(type) {
		case nil:
			out[k] = litellm.Value{From: k} // there, and None
		case map[string]any: // what YAML makes of an unquoted date
			if date, ok := v["date"].(string); ok {
				out[k] = litellm.Value{Set: true, Text: secret.New(date), Type: litellm.Date, From: k}
			}
		case bool:
			out[k] = litellm.Value{Set: true, Text: secret.New(fmt.Sprint(v)), Type: litellm.Boolean, From: k}
		case string:
			out[k] = litellm.Value{Set: true, Text: secret.New(l.fill(v)), From: k}
		}
	}
	return out
}
