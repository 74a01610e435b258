package azurelab

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Repairs of the workflow and of the run.

func setInput(w *World, p params) error {
	name := p["input"]
	value := p["value"]
	if value == "" {
		value = w.truth(name)
	}
	w.giveInput(name, value)
	return nil
}

// useInput is a repair that gives one input a value.
func useInput(input, param string) func(*World, params) error {
	return func(w *World, p params) error {
		value := p[param]
		if value == "" {
			value = w.truth(input)
		}
		w.giveInput(input, value)
		return nil
	}
}

// useIdentity changes the identity, gives the inputs that the remedy names, and
// grants the permission that it names.
func useIdentity(w *World, p params) error {
	w.giveInput("identity", p["identity"])
	for name := range strings.SplitSeq(p["inputs"], ",") {
		if name == "" || w.Job.Inputs[name] != "" {
			continue
		}
		value := w.truth(name)
		if t := w.tenantByID(w.Resources[0].TenantID); name == "client-id" && p["identity"] == "github-oidc" && len(t.Apps) > 0 {
			value = t.Apps[0].ClientID // the one that trusts GitHub
		}
		w.giveInput(name, value)
	}
	if p["permission"] != "" {
		return grantPermission(w, params{"permission": p["permission"]})
	}
	return nil
}

// giveInput changes an input. The user writes the value into the workflow, so
// that it no longer comes from a secret, unless it is one.
func (w *World) giveInput(name, value string) {
	w.Job.set(name, value)
	if name != "subscription-key" {
		w.Job.FromSecrets = slices.DeleteFunc(w.Job.FromSecrets, func(s string) bool { return s == name })
	}
}

// truth is the value that a user would find for an input: what the first of
// each thing in the world is called. "" means that the input is best not given.
func (w *World) truth(input string) string {
	switch input {
	case "endpoint":
		if len(w.Gateways) > 0 {
			return "https://" + w.Gateways[0].Host
		}
		return w.Resources[0].Endpoint()
	case "deployment":
		return w.Resources[0].Deployments[0].Name
	case "tenant-id":
		return w.Resources[0].TenantID
	case "client-id":
		if m := w.attached(); m != nil {
			return m.ClientID
		}
		if t := w.tenantByID(w.Resources[0].TenantID); len(t.Apps) > 0 {
			return t.Apps[0].ClientID
		}
	case "cloud":
		return string(w.Resources[0].Cloud)
	case "subscription-key":
		if len(w.Gateways) > 0 && len(w.Gateways[0].Keys) > 0 {
			return w.Gateways[0].Keys[0]
		}
	case "allowed-hosts":
		if len(w.Gateways) > 0 {
			return w.Gateways[0].Host
		}
	}
	return ""
}

// attached is the first identity that the runner carries.
func (w *World) attached() *ManagedIdentity {
	for i := range w.Managed {
		if w.Managed[i].Attached {
			return &w.Managed[i]
		}
	}
	return nil
}

// inputOf is the input that stands for the same as a variable.
var inputOf = map[string]string{
	"AZURE_TENANT_ID":       "tenant-id",
	"AZURE_CLIENT_ID":       "client-id",
	"AZURE_OPENAI_ENDPOINT": "endpoint",
	"AZURE_API_BASE":        "endpoint",
}

func setVariable(w *World, p params) error {
	name, value := p["name"], p["value"]
	if value == "" {
		value = w.truth(inputOf[name])
	}
	switch {
	case value != "":
	case name == "AZURE_CLIENT_SECRET":
		return resetClientSecret(w, nil)
	case name == "AZURE_OPENAI_API_KEY" || name == "AZURE_API_KEY":
		value = w.Resources[0].Keys[0]
	default:
		return fmt.Errorf("nothing in the world tells the value of %s", name)
	}
	w.Job.setenv(name, value)
	return nil
}

func unsetVariable(w *World, p params) error {
	for _, name := range strings.Split(cmp.Or(p["names"], p["name"]), ",") {
		if _, ok := w.Job.Env[name]; !ok {
			return fmt.Errorf("the variable %s is not set", name)
		}
		delete(w.Job.Env, name)
	}
	return nil
}

// useAPIVersion gives a version, or takes every source of one away.
func useAPIVersion(w *World, p params) error {
	w.Job.set("api-version", p["api-version"]) // an empty one leaves it to the variables
	return nil
}

func useCurrentKey(w *World, p params) error {
	r, err := w.resourceOr(p["resource"])
	if err != nil {
		return err
	}
	name := "AZURE_OPENAI_API_KEY"
	if _, ok := w.Job.Env["AZURE_API_KEY"]; ok {
		name = "AZURE_API_KEY"
	}
	w.Job.setenv(name, r.Keys[0])
	return nil
}

// provideFile mounts the file that a variable points to.
func provideFile(w *World, p params) error {
	if w.Cluster == nil || !w.Cluster.Unmounted {
		return fmt.Errorf("no file is missing")
	}
	if path := p["path"]; path != "" && filepath.Base(path) != tokenFile {
		return fmt.Errorf("%s is no file of this world", path)
	}
	w.Cluster.Unmounted = false
	return nil
}

func allowHost(w *World, p params) error {
	hosts := strings.FieldsFunc(w.Job.Inputs["allowed-hosts"], func(r rune) bool { return r == ',' || r == '\n' || r == ' ' })
	w.Job.set("allowed-hosts", strings.Join(append(hosts, p["host"]), "\n"))
	return nil
}

func setSubscriptionKey(w *World, p params) error {
	g, err := w.gatewayOr(p["host"])
	if err != nil {
		return err
	}
	if len(g.Keys) == 0 {
		return fmt.Errorf("the gateway %s has no subscriptions", g.Host)
	}
	w.Job.set("subscription-key", g.Keys[0])
	if !slices.Contains(w.Job.FromSecrets, "subscription-key") {
		w.Job.FromSecrets = append(w.Job.FromSecrets, "subscription-key")
	}
	return nil
}

func grantPermission(w *World, p params) error {
	name, access, given := strings.Cut(p["permission"], ":")
	if name != "id-token" || given && strings.TrimSpace(access) != "write" {
		return fmt.Errorf("no permission %q", p["permission"])
	}
	w.GitHub.Permission = true
	return nil
}

// runOnTrustedEvent runs the suite on an event of the repository's own. The
// event that is given is taken when it is one; else the user pushes to main.
func runOnTrustedEvent(w *World, p params) error {
	g := &w.GitHub
	g.Fork = false
	g.Actor, g.ActorID = "octocat", "12"
	g.Ref = "refs/heads/main"
	switch p["event"] {
	case "workflow_dispatch", "workflow_run", "schedule":
		g.EventName = p["event"]
	default:
		g.EventName = "push"
	}
	return nil
}

func resetSubject(w *World, p params) error {
	if r := p["repository"]; r != "" && r != w.GitHub.Repository {
		return fmt.Errorf("no repository %s", r)
	}
	w.GitHub.SubjectTemplate = nil
	return nil
}

func publishIssuer(w *World, p params) error {
	if i := p["issuer"]; i != "" && i != w.GitHub.issuer() {
		return fmt.Errorf("no issuer %s", i)
	}
	w.GitHub.IssuerPrivate = false
	return nil
}

// fixClock sets every clock right, whichever was wrong.
func fixClock(w *World, _ params) error {
	w.Skew, w.GitHub.Skew = 0, 0
	return nil
}

// wait lets time pass without passing it: what was to take effect within the
// time has done so, and quotas are free again.
func wait(w *World, p params) error {
	d := 24 * time.Hour
	if s := p["seconds"]; s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			return err
		}
		d = time.Duration(n) * time.Second
	}
	until := time.Now().Add(w.Skew).Add(d)
	for i := range w.Tenants {
		for j := range w.Tenants[i].Apps {
			for k := range w.Tenants[i].Apps[j].Federated {
				takeEffect(&w.Tenants[i].Apps[j].Federated[k].Since, until)
			}
		}
	}
	for i := range w.Resources {
		r := &w.Resources[i]
		for j := range r.Roles {
			takeEffect(&r.Roles[j].Since, until)
		}
		for j := range r.Deployments {
			takeEffect(&r.Deployments[j].Since, until)
			if l := r.Deployments[j].RateLimit; l != nil && l.RetryAfter <= d {
				r.Deployments[j].RateLimit = nil
			}
		}
	}
	return nil
}

// takeEffect makes what was to begin until then have begun.
func takeEffect(since *time.Time, until time.Time) {
	if !since.After(until) {
		*since = time.Time{}
	}
}
