package preflight

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// maxReport bounds a report that is read back.
const maxReport = 16 << 20

// A Difference is a fact in which two reports differ.
type Difference struct {
	Field string `json:"field"` // as in the report, like identity.object_id
	A     string `json:"a"`
	B     string `json:"b"`
	// Explains marks a fact that the finding of the report that failed turns on.
	Explains bool `json:"explains"`
}

// A Comparison is what two reports have apart: the green laptop and the red
// job, yesterday's run and today's.
type Comparison struct {
	A           Outcome      `json:"a"`
	B           Outcome      `json:"b"`
	Differences []Difference `json:"differences"`
	Conclusion  string       `json:"conclusion"`
}

// An Outcome is a report in two words.
type Outcome struct {
	Verdict   Verdict `json:"verdict"`
	Diagnosis string  `json:"diagnosis"`
}

// Compare finds the facts in which two reports differ, those first that
// explain why one failed.
func Compare(a, b *Report) Comparison {
	c := Comparison{A: outcomeOf(a), B: outcomeOf(b), Differences: []Difference{}}
	fa, fb := facts(a), facts(b)
	names := slices.Collect(maps.Keys(fa))
	for name := range fb {
		if _, ok := fa[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	failed, other := oneFailed(a, b)
	for _, name := range names {
		if fa[name] == fb[name] {
			continue
		}
		d := Difference{Field: name, A: fa[name], B: fb[name]}
		d.Explains = failed != nil && other != nil && turnsOn(failed.Primary(), name)
		c.Differences = append(c.Differences, d)
	}
	slices.SortStableFunc(c.Differences, func(x, y Difference) int { return cmp.Compare(order(x), order(y)) })
	if c.Conclusion = conclude(c, failed); a.Cancelled || b.Cancelled {
		c.Conclusion = "A run that was cancelled has come to nothing that could be explained."
	}
	return c
}

func order(d Difference) int {
	if d.Explains {
		return 0
	}
	return 1
}

func outcomeOf(r *Report) Outcome {
	// A report is a file, and so foreign text.
	o := Outcome{Verdict: Verdict(inert.Line(string(r.Verdict)))}
	if f := r.Primary(); f != nil {
		o.Diagnosis = inert.Line(f.ID)
	}
	return o
}

// oneFailed is the report that has a finding to explain and the one that has
// none, or that did not fail; nil and nil when no difference can explain one.
func oneFailed(a, b *Report) (failed, other *Report) {
	for _, pair := range [][2]*Report{{a, b}, {b, a}} {
		x, y := pair[0], pair[1]
		switch {
		case a.Cancelled || b.Cancelled, x.Primary() == nil:
		case y.Primary() == nil, x.Verdict == Fail && y.Verdict != Fail:
			return x, y
		}
	}
	return nil, nil
}

// facts are what two reports can be compared by: no times, no request ids.
func facts(r *Report) map[string]string {
	m := map[string]string{}
	put := func(name, value string) {
		if value != "" {
			m[inert.Clip(inert.Line(name), 200)] = inert.Clip(inert.Line(scrubTokens(value)), 500)
		}
	}
	id, env := r.Identity, r.Environment
	put("identity.method", string(id.Method))
	put("identity.tenant_id", id.TenantID)
	put("identity.client_id", id.ClientID)
	put("identity.object_id", id.ObjectID)
	put("identity.audience", id.Audience)
	put("identity.subject", id.Subject)
	put("identity.issuer", id.Issuer)
	put("identity.assertion_audience", id.AssertionAudience)
	put("identity.unused", strings.Join(id.Unused, "; "))
	put("environment.cloud", env.Cloud)
	put("environment.authority", env.Authority)
	put("environment.scope", env.Scope)
	put("environment.proxy", env.Proxy)
	put("environment.ca_bundle", env.CABundle)
	put("environment.client", env.Client)
	put("environment.client_version", env.Version)
	put("environment.event", env.Event)
	put("environment.runner", env.Runner)
	put("tool.version", r.Tool.Version)
	for name, source := range env.Inputs {
		put("environment.inputs."+name, source)
	}
	for name, state := range env.Variables {
		put("environment.variables."+name, string(state))
	}
	seen := map[string]int{}
	for _, t := range r.Targets {
		at := "targets." + t.Deployment + ":" + string(t.Operation)
		// A client calls deployments of one name at several resources.
		if seen[at]++; seen[at] > 1 {
			at += fmt.Sprintf("#%d", seen[at])
		}
		at += "."
		put(at+"verdict", string(t.Verdict))
		put(at+"endpoint", t.Endpoint)
		put(at+"route", string(t.Route))
		put(at+"api_version", t.APIVersion)
		put(at+"http_status", statusText(t.HTTPStatus))
		put(at+"model", t.Model)
		put(at+"credential", t.Credential)
	}
	return m
}

func statusText(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprint(status)
}

// turning are the facts that the findings of a family turn on, by the
// beginning of their ids; the longest beginning counts.
var turning = map[string][]string{
	"cfg-":                      {"environment.inputs.", "environment.variables.", "environment.event", "identity.method"},
	"msi-":                      {"identity.method", "environment.runner", "identity.client_id", "environment.proxy", "environment.variables.IDENTITY_ENDPOINT", "environment.variables.MSI_ENDPOINT"},
	"oidc-":                     {"identity.method", "environment.event", "environment.runner", "environment.proxy"},
	"oidc-subject":              {"identity.subject", "identity.client_id", "environment.event"},
	"oidc-audience":             {"identity.assertion_audience", "environment.cloud", "environment.inputs.audience"},
	"oidc-issuer":               {"identity.issuer"},
	"oidc-assertion":            {"identity.issuer", "identity.method", "environment.runner"},
	"entra-":                    {"identity.method", "identity.tenant_id", "identity.client_id", "environment.authority", "environment.cloud", "environment.variables.AZURE_CLIENT_SECRET"},
	"entra-scope":               {"environment.scope"},
	"entra-resource":            {"environment.scope", "environment.cloud"},
	"entra-conditional-access":  {"environment.runner", "environment.proxy", "identity.client_id"},
	"claims-":                   {"identity.tenant_id", "identity.client_id", "identity.object_id", "identity.audience", "identity.method", "environment.scope"},
	"claims-wrong-audience":     {"identity.audience", "environment.scope", "environment.cloud"},
	"net-":                      {".endpoint", "environment.proxy", "environment.ca_bundle", "environment.runner", "environment.variables.HTTPS_PROXY", "environment.variables.NO_PROXY", "environment.variables.SSL_CERT_FILE"},
	"net-entra":                 {"environment.authority", "environment.proxy", "environment.runner"},
	"aoai-":                     {".endpoint", ".route", ".api_version", ".credential"},
	"aoai-rbac":                 {"identity.object_id", "identity.client_id", "identity.method", ".endpoint"},
	"aoai-tenant":               {"identity.tenant_id", ".endpoint"},
	"aoai-token":                {"identity.audience", "environment.scope", "environment.proxy", ".credential"},
	"aoai-key":                  {".credential", ".endpoint", "environment.variables.AZURE_API_KEY", "environment.variables.AZURE_OPENAI_API_KEY", "identity.method"},
	"aoai-api-version":          {".api_version", ".route", "environment.inputs.api-version"},
	"aoai-v1-api-version":       {".api_version", ".route", "environment.inputs.api-version"},
	"aoai-unexpected-model":     {".model", ".endpoint"},
	"litellm-":                  {"environment.client_version", "environment.client", "environment.variables.", ".credential", ".api_version", ".endpoint"},
	"apim-":                     {".endpoint", "environment.inputs.subscription-key"},
	"aoai-rate":                 {".endpoint"},
	"aoai-quota":                {".endpoint"},
	"aoai-operation":            {".endpoint", ".model"},
	"aoai-deployment-not-found": {".endpoint", "environment.inputs.deployment"},
}

// turnsOn reports whether a finding can follow from a fact.
func turnsOn(f *Finding, fact string) bool {
	best := ""
	for prefix := range turning {
		if strings.HasPrefix(f.ID, prefix) && len(prefix) > len(best) {
			best = prefix
		}
	}
	return slices.ContainsFunc(turning[best], func(s string) bool {
		switch {
		case strings.HasPrefix(s, "."):
			return strings.HasPrefix(fact, "targets.") && strings.HasSuffix(fact, s)
		case strings.HasSuffix(s, "."):
			return strings.HasPrefix(fact, s)
		}
		return fact == s
	})
}

// conclude says in a sentence what the differences come to.
func conclude(c Comparison, failed *Report) string {
	switch {
	case failed == nil && c.A == c.B && len(c.Differences) == 0:
		return "The two reports agree in every fact that they can be compared by."
	case failed == nil && c.A == c.B:
		return "Both runs came to the same, so no difference explains a verdict."
	case failed == nil:
		return "Both runs have a finding, each for a cause of its own: mend the earlier link of the chain first."
	}
	var fields []string
	for _, d := range c.Differences {
		if d.Explains {
			fields = append(fields, d.Field)
		}
	}
	id := inert.Line(failed.Primary().ID)
	if len(fields) == 0 {
		return "No difference of the two reports explains " + id + ": something outside of them changed, a role, a credential or a network rule for instance, or a variable that neither run saw."
	}
	return "What explains " + id + " is the difference in " + strings.Join(fields, ", ") + "."
}

// readReport reads a report back.
func readReport(r io.Reader) (*Report, error) {
	// A redirection of PowerShell's writes UTF-16, or a mark before UTF-8.
	data, err := io.ReadAll(io.LimitReader(decoded(bufio.NewReader(r)), maxReport+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxReport {
		return nil, fmt.Errorf("is larger than %d bytes", maxReport)
	}
	var report Report
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &report); err != nil {
		return nil, errors.New("is not a report in JSON")
	}
	if report.Schema != 1 {
		return nil, fmt.Errorf("has the schema %d; this program reads 1", report.Schema)
	}
	return &report, nil
}

func diffCommand(w World, args []string) int {
	fs, format, code, done := flags(w, "diff", args, nil)
	if done {
		return code
	}
	if fs.NArg() != 2 {
		say(w.Stderr, "aoai-preflight diff: two reports are compared, A.json and B.json; %d given", fs.NArg())
		return exitUsage
	}
	var reports [2]*Report
	for i := range reports {
		f, err := openFile(fs.Arg(i))
		if err == nil {
			reports[i], err = readReport(f)
			f.Close()
		}
		if err != nil {
			say(w.Stderr, "aoai-preflight diff: %s: %v", fs.Arg(i), err)
			return exitUsage
		}
	}
	c := Compare(reports[0], reports[1])
	if format == "json" {
		return printJSON(w, c)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "A: %s %s\nB: %s %s\n", c.A.Verdict, c.A.Diagnosis, c.B.Verdict, c.B.Diagnosis)
	for _, d := range c.Differences {
		mark := " "
		if d.Explains {
			mark = "*"
		}
		fmt.Fprintf(&b, "%s %s\n    A: %s\n    B: %s\n", mark, d.Field, orElse(d.A, "-"), orElse(d.B, "-"))
	}
	b.WriteString(c.Conclusion)
	say(w.Stdout, "%s", b.String())
	return exitOK
}
