package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// A cause is one of the nine reasons for which DSPy 2.6.4 with LiteLLM 1.63.7
// and a DefaultAzureCredential provider in code gets a 401, as a combination,
// and what mends it.
type cause struct {
	number  int
	name    string
	broken  combination
	flags   []string // of the preflight, besides those that are always there
	finding []string // ids of which one is to come first
	remedy  func(*combination)
	says    string // of the finding's remedy: the part that remedy does
	// preflightAfter are the flags with the remedy applied, where it changes
	// them.
	preflightAfter []string
}

// suite is the seed's own call: a provider over DefaultAzureCredential, which
// signs in with what the environment has.
func suite(change func(*combination)) combination {
	c := combination{
		Client: litellm.DSPy, Op: litellm.Chat, Model: "azure/all", Scope: "<scope-default>",
		Params:  map[string]any{"api_base": "<endpoint>", "api_version": "2024-10-21"},
		Env:     map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "AZURE_CLIENT_SECRET": "<secret>"},
		Globals: map[string]any{}, Headers: map[string]string{},
	}
	change(&c)
	return c
}

func withEnv(name, value string) combination {
	return suite(func(c *combination) { c.Env[name] = value })
}

func withoutEnv(name string) func(*combination) {
	return func(c *combination) { delete(c.Env, name) }
}

// causes are the seed's, each in the forms in which it comes.
var causes = []cause{
	{number: 1, name: "AZURE_API_KEY is set", broken: withEnv("AZURE_API_KEY", "<old-key>"), finding: []string{litellm.KeyShadowsToken}, remedy: withoutEnv("AZURE_API_KEY"), says: "Take AZURE_API_KEY out"},
	{number: 1, name: "AZURE_OPENAI_API_KEY is set", broken: withEnv("AZURE_OPENAI_API_KEY", "<old-key>"), finding: []string{litellm.KeyShadowsToken}, remedy: withoutEnv("AZURE_OPENAI_API_KEY"), says: "Take AZURE_OPENAI_API_KEY out"},
	{number: 1, name: "AZURE_API_KEY is set, keys are disabled",
		broken: suite(func(c *combination) { c.Env["AZURE_API_KEY"] = "<key>"; c.Behaviour = "keys-disabled" }), finding: []string{litellm.KeyShadowsToken}, remedy: withoutEnv("AZURE_API_KEY"), says: "Take AZURE_API_KEY out"},
	{number: 1, name: "AZURE_API_KEY is set and empty", broken: withEnv("AZURE_API_KEY", ""), finding: []string{litellm.KeyShadowsToken}, remedy: withoutEnv("AZURE_API_KEY"), says: "Take AZURE_API_KEY out"},
	{number: 2, name: "api_key is passed to satisfy a wrapper", broken: suite(func(c *combination) { c.Params["api_key"] = "dummy" }),
		// What code passes, no check can see: the user states it as the variable that does the same.
		flags: []string{"--client-env", "AZURE_API_KEY=dummy"}, preflightAfter: []string{},
		finding: []string{litellm.KeyShadowsToken}, remedy: func(c *combination) { delete(c.Params, "api_key") }, says: "Take AZURE_API_KEY out"},
	{number: 3, name: "AZURE_AD_TOKEN is stale", broken: withEnv("AZURE_AD_TOKEN", "<stale-token>"), finding: []string{litellm.StaticTokenShadows}, remedy: withoutEnv("AZURE_AD_TOKEN"), says: "Take AZURE_AD_TOKEN out"},
	{number: 3, name: "AZURE_AD_TOKEN is set and empty", broken: withEnv("AZURE_AD_TOKEN", ""), finding: []string{litellm.StaticTokenShadows}, remedy: withoutEnv("AZURE_AD_TOKEN"), says: "Take AZURE_AD_TOKEN out"},
	{number: 4, name: "AZURE_OPENAI_AD_TOKEN is set", broken: withEnv("AZURE_OPENAI_AD_TOKEN", "<stale-token>"), finding: []string{litellm.StaticTokenShadows}, remedy: withoutEnv("AZURE_OPENAI_AD_TOKEN"), says: "Take AZURE_OPENAI_AD_TOKEN out"},
	{number: 5, name: "the provider asks for another audience", broken: suite(func(c *combination) { c.Scope = "<scope-arm>" }),
		flags: []string{"--scope", "<scope-arm>"}, finding: []string{"claims-wrong-audience"},
		remedy: func(c *combination) { c.Scope = "<scope-default>" }, says: "https://cognitiveservices.azure.com/.default", preflightAfter: []string{}},
	{number: 6, name: "the principal has no data role", broken: suite(func(c *combination) { c.Behaviour = "no-role" }),
		finding: []string{"aoai-rbac-missing-data-action"}, remedy: func(c *combination) { c.Behaviour = "" }, says: "Assign the role Cognitive Services OpenAI User"},
	{number: 7, name: "the deployment's name holds o1", broken: suite(func(c *combination) { c.Model = "azure/demo1" }), finding: []string{litellm.OSeriesDropsToken},
		remedy: func(c *combination) { c.Model = "azure/all" }, says: "a name without o1 and o3"},
	{number: 8, name: "no azure/ prefix", broken: suite(func(c *combination) { c.Model = "gpt-4o-mini"; c.Env["OPENAI_API_KEY"] = "<openai-key>" }), finding: []string{litellm.PrefixMissing},
		remedy: func(c *combination) { c.Model = "azure/gpt-4o-mini" }, says: "Name the model azure/gpt-4o-mini"},
	{number: 8, name: "model_type is text", broken: suite(func(c *combination) { c.ModelType = "text"; c.Env["OPENAI_API_KEY"] = "<openai-key>" }), finding: []string{litellm.TextModelType},
		flags: []string{"--operation", "completions"}, preflightAfter: []string{},
		remedy: func(c *combination) { c.ModelType = "" }, says: "Leave model_type at chat"},
	{number: 9, name: "DefaultAzureCredential takes another identity",
		// The runner's managed identity has the role; the variables of an application that has not are asked first.
		broken: suite(func(c *combination) {
			c.Env["AZURE_CLIENT_ID"], c.Env["AZURE_CLIENT_SECRET"] = "<client-2>", "<secret-2>"
			c.Behaviour = "identity-role"
		}),
		flags: []string{"--expect-client-id", "<identity>"}, finding: []string{"claims-unexpected-principal"},
		remedy: func(c *combination) { c.Env = map[string]string{} }, says: "unset the variables of the credential that answered"},
	{number: 9, name: "DefaultAzureCredential takes another application",
		broken: suite(func(c *combination) {
			c.Env["AZURE_CLIENT_ID"], c.Env["AZURE_CLIENT_SECRET"] = "<client-2>", "<secret-2>"
			c.Behaviour = "one-role"
		}),
		flags: []string{"--expect-client-id", "<client>"}, finding: []string{"claims-unexpected-principal"},
		remedy: func(c *combination) { c.Env["AZURE_CLIENT_ID"], c.Env["AZURE_CLIENT_SECRET"] = "<client>", "<secret>" }, says: "Name one identity"},
}

// runCauses reproduces each cause with the real client, asks the preflight in
// the same environment, and tries its remedy.
func runCauses(ctx context.Context, o *options) error {
	e, _ := find("dspy-2.6.4")
	python := o.ready[e.name]
	if python == "" {
		var err error
		if python, err = e.python(ctx, o.venvs, func(format string, args ...any) { o.printf("note: "+format+"\n", args...) }); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "aoai-preflight")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, out)
	}
	l, err := newLab(ctx, dir)
	if err != nil {
		return err
	}
	defer l.proxy.Close()
	d, err := startDriver(ctx, l, python)
	if err != nil {
		return err
	}
	defer d.close()
	o.printf("%s\n", (&result{release: d.release}).versions())
	bad := 0
	for i := range causes {
		if err := l.try(ctx, o, d, binary, &causes[i]); err != nil {
			bad++
			o.printf("%d. %s: FAIL: %v\n", causes[i].number, causes[i].name, err)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d causes are not told right", bad, len(causes))
	}
	return nil
}

// try is one cause: it breaks the client, the preflight names it, the remedy
// mends it and satisfies the preflight too.
func (l *lab) try(ctx context.Context, o *options, d *driver, binary string, c *cause) error {
	seen, err := l.observe(d, &c.broken)
	if err != nil {
		return err
	}
	if seen.OK {
		return errors.New("the client works: " + l.show(seen))
	}
	broken := l.show(seen)
	said, err := l.preflight(ctx, binary, &c.broken, c.flags)
	if err != nil {
		return err
	}
	if len(said.Findings) == 0 || !slices.Contains(c.finding, said.Findings[0].ID) {
		return fmt.Errorf("the preflight says %s, not %s; the client: %s", said, strings.Join(c.finding, " or "), broken)
	}
	if text := said.Findings[0].Remedy.Text; !strings.Contains(text, c.says) {
		return fmt.Errorf("the remedy of %s does not say %q: %s", said.Findings[0].ID, c.says, text)
	}
	mended := c.broken.clone()
	c.remedy(mended)
	if seen, err = l.observe(d, mended); err != nil {
		return err
	}
	if !seen.OK {
		return errors.New("the remedy does not help: " + l.show(seen))
	}
	flags := c.flags
	if c.preflightAfter != nil {
		flags = c.preflightAfter
	}
	after, err := l.preflight(ctx, binary, mended, flags)
	if err != nil {
		return err
	}
	if after.Verdict != "pass" {
		return fmt.Errorf("mended, the client works and the preflight says %s", after)
	}
	o.printf("%d. %s: %s. Remedy: %s\n   client before: %s\n", c.number, c.name, said.Findings[0].ID, said.Findings[0].Remedy.Text, broken)
	return nil
}

// said is as much of a report as is compared.
type said struct {
	Verdict  string `json:"verdict"`
	Findings []struct {
		ID     string `json:"id"`
		Remedy struct {
			Text string `json:"text"`
		} `json:"remedy"`
	} `json:"findings"`
}

func (s *said) String() string {
	ids := []string{s.Verdict}
	for _, f := range s.Findings {
		ids = append(ids, f.ID)
	}
	return strings.Join(ids, " ")
}

// preflight runs the built binary in a combination's environment, told what a
// user would tell it about the suite.
func (l *lab) preflight(ctx context.Context, binary string, c *combination, flags []string) (*said, error) {
	args := []string{"check", "--client", "dspy", "--litellm-version", "1.63.7", "--identity", "default-azure-credential", "--format", "json", "--timeout", "20s"}
	for flag, value := range map[string]any{"--endpoint": c.Params["api_base"], "--api-version": c.Params["api_version"], "--litellm-models": c.Model} {
		args = append(args, flag, l.fill(fmt.Sprint(value)))
	}
	for _, f := range flags {
		args = append(args, l.fill(f))
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = filepath.Join(l.dir, "home")
	cmd.Env = []string{"HOME=" + cmd.Dir, "PATH=" + filepath.Join(l.dir, "path")}
	for name, value := range l.proxy.Environ(filepath.Join(l.dir, "ca.pem")) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	for name, value := range c.Env {
		cmd.Env = append(cmd.Env, name+"="+l.fill(value))
	}
	var complaints tail
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, fmt.Errorf("the preflight: %w: %s", err, l.veil(complaints.String()))
	}
	s := &said{}
	if err := json.Unmarshal(out, s); err != nil {
		return nil, fmt.Errorf("the preflight's report: %w: %.300s", err, l.veil(string(out)))
	}
	return s, nil
}
