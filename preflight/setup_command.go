package preflight

import (
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// A setupPlan is everything that a repository needs to call a deployment
// without a secret: what to run, and the workflow to paste. Making one changes
// nothing and asks nobody.
type setupPlan struct {
	Repository  string            `json:"repository"`
	Server      string            `json:"server"`
	Issuer      string            `json:"issuer"`
	Audience    string            `json:"audience"`
	Cloud       string            `json:"cloud"`
	Identity    string            `json:"identity"` // app or managed
	Name        string            `json:"name"`
	Endpoint    string            `json:"endpoint"`
	Deployment  string            `json:"deployment"`
	Credentials []setupCredential `json:"credentials"`
	// SignIn is run first, when az is not signed in to the tenant and its
	// subscription. Commands share their variables; Script is all of them, each
	// only when the one before it succeeded. Store puts the ids where the
	// workflow reads them.
	SignIn   []string `json:"sign_in"`
	Commands []string `json:"commands"`
	Script   string   `json:"script"`
	Store    []string `json:"store"`
	Workflow string   `json:"workflow"`
	Notes    []string `json:"notes"`

	cloud         *Cloud
	tenantID      string
	resource      string // name of the account; "" when its subdomain tells it
	resourceGroup string
	subdomain     string
	allowedHost   string // of the endpoint, when it is not Azure's
	subjects      []setupSubject
	ids           [2]string // of owner and repository, for the immutable form
}

// A setupCredential is a federated credential to create.
type setupCredential struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	For     string `json:"for"` // the choice that it serves, like branch:main
}

// setupFlags are the flags of the command.
type setupFlags struct {
	endpoint, deployment, tenantID, cloud string // as the inputs of the same names
	repository, server                    string
	repositoryID, ownerID                 string
	resource, resourceGroup               string
	name, identity                        string
	subjects                              []string
}

// setupCommand prints what creates the identity of a repository and grants it
// the call, and the workflow that uses it.
func setupCommand(w World, args []string) int {
	var f setupFlags
	fs, format, code, done := flags(w, "setup", args, func(fs *flag.FlagSet) { f.define(fs) })
	if done {
		return code
	}
	if fs.NArg() > 0 {
		say(w.Stderr, "aoai-preflight setup: %q is not a flag", fs.Arg(0))
		return exitUsage
	}
	plan, problems := f.plan(w)
	if len(problems) > 0 {
		for _, p := range problems {
			say(w.Stderr, "aoai-preflight setup: %s", setupProblem(p))
		}
		return exitUsage
	}
	if format == "json" {
		return printJSON(w, plan)
	}
	say(w.Stdout, "%s", setupText(plan))
	return exitOK
}

func (f *setupFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.repository, "repository", "", "`OWNER/NAME`; GITHUB_REPOSITORY, or what .git/config has as origin, when empty")
	fs.StringVar(&f.endpoint, "endpoint", "", "endpoint of the resource, like https://NAME.openai.azure.com")
	fs.StringVar(&f.resource, "resource", "", "`name` of the resource, when its endpoint does not tell it; needs --resource-group")
	fs.StringVar(&f.resourceGroup, "resource-group", "", "resource group of the resource, and of the managed identity")
	fs.StringVar(&f.deployment, "deployment", "", "name of the deployment; several by comma, each NAME or NAME:OPERATION")
	fs.StringVar(&f.tenantID, "tenant-id", "", "directory (tenant) id; read from az when empty")
	fs.StringVar(&f.cloud, "cloud", "", "public, usgov or china; follows from the endpoint")
	fs.StringVar(&f.identity, "identity", "app", "app: an app registration; managed: a user-assigned managed identity")
	fs.StringVar(&f.name, "name", "", "name of the app registration or identity; aoai-preflight-OWNER-NAME when empty")
	fs.Func("subject", "what the token is for: branch:`NAME`, tag:NAME, environment:NAME, pull-request; several by comma or flag (default branch:main)", func(s string) error {
		f.subjects = append(f.subjects, s)
		return nil
	})
	fs.StringVar(&f.server, "server", "", "address of a GitHub Enterprise Server; GITHUB_SERVER_URL, or https://github.com, when empty")
	fs.StringVar(&f.ownerID, "owner-id", "", "number of the owner, for immutable subjects; with --repository-id")
	fs.StringVar(&f.repositoryID, "repository-id", "", "number of the repository, for immutable subjects; with --owner-id")
}

// plan makes the plan, or says everything that is wrong with the flags.
func (f *setupFlags) plan(w World) (*setupPlan, []*Problem) {
	p := &setupPlan{}
	var problems []*Problem
	add := func(found ...*Problem) {
		problems = append(problems, slices.DeleteFunc(found, func(p *Problem) bool { return p == nil })...)
	}
	add(p.takeServer(w, f)...)
	add(p.takeRepository(w, f))
	add(p.takeImmutable(w, f)...)
	add(p.takeCall(w, f)...)
	add(p.takeResource(f)...)
	add(p.takeSubjects(f)...)
	add(p.takeIdentity(f)...)
	if len(problems) > 0 {
		return nil, problems
	}
	for _, s := range p.subjects {
		p.Credentials = append(p.Credentials, p.credential(s))
	}
	p.SignIn, p.Commands, p.Store = p.signIn(), p.commands(), p.store()
	p.Script = strings.Join(p.Commands, " &&\n") + "\n"
	p.Workflow = p.workflow()
	p.Notes = append(p.Notes, p.notes()...)
	return p, nil
}

// takeCall reads what the check itself has as inputs, by the same rules.
func (p *setupPlan) takeCall(w World, f *setupFlags) []*Problem {
	given := map[string]string{"endpoint": f.endpoint, "deployment": f.deployment, "tenant-id": f.tenantID, "cloud": f.cloud}
	c := &Config{Operation: Chat}
	var problems []*Problem
	for _, in := range inputs {
		if _, ok := given[in.name]; !ok {
			continue
		}
		s := in.read(w, given)
		if in.name == "endpoint" && s.source == "" && f.resource != "" {
			continue // takeResource makes it up
		}
		if s.text == "" {
			if in.name == "endpoint" {
				problems = append(problems, &Problem{Input: "endpoint", Detail: notGiven, Allowed: endpointForm + ", or --resource and --resource-group"})
			}
			continue
		}
		if problem := in.set(c, s); problem != nil {
			problems = append(problems, problem)
		}
	}
	targets, problem := c.parseDeployments()
	if problem != nil {
		problems = append(problems, problem)
	}
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.Deployment
		if t.Operation != Chat {
			names[i] += ":" + string(t.Operation)
		}
	}
	p.Deployment, p.tenantID = strings.Join(names, ", "), c.TenantID
	p.cloud = c.cloudInput
	if c.Endpoint != nil {
		p.Endpoint = c.Endpoint.String()
		host := c.Endpoint.Hostname()
		own := cloudOf(host)
		switch label, zone, _ := strings.Cut(host, "."); {
		case own == nil:
			p.allowedHost = c.Endpoint.Host
		case p.cloud != nil && p.cloud != own:
			problems = append(problems, &Problem{Input: "cloud", Value: p.cloud.Name, Detail: "is not the cloud of the endpoint, which is " + own.Name, Allowed: own.Name + ", or empty"})
		case strings.HasPrefix(zone, "api.cognitive."):
			problems = append(problems, &Problem{Input: "endpoint", Value: host, Detail: "is the region's endpoint, which takes no token",
				Allowed: "the resource's own name, like https://NAME." + own.Suffixes[0] + "; a resource without one gets it by: az cognitiveservices account update --custom-domain NAME"})
		default:
			p.subdomain = label
		}
		p.cloud = firstCloud(p.cloud, own)
	}
	p.cloud = firstCloud(p.cloud, clouds[0])
	p.Cloud, p.Audience = p.cloud.Name, p.cloud.Audience
	return problems
}

func firstCloud(a, b *Cloud) *Cloud {
	if a != nil {
		return a
	}
	return b
}

// takeResource reads which resource the role is assigned at.
func (p *setupPlan) takeResource(f *setupFlags) []*Problem {
	var problems []*Problem
	p.resource, p.resourceGroup = f.resource, f.resourceGroup
	if f.resource != "" && !accountName().MatchString(f.resource) {
		problems = append(problems, &Problem{Input: "resource", Value: clipValue(f.resource), Detail: "is not a resource's name", Allowed: "2 to 64 letters, digits, '-', '_' and '.'"})
	}
	if f.resourceGroup != "" && (!groupName().MatchString(f.resourceGroup) || arg(f.resourceGroup, "") == "") {
		problems = append(problems, &Problem{Input: "resource-group", Value: clipValue(f.resourceGroup), Detail: "is not a resource group's name", Allowed: "at most 90 letters, digits, '-', '_', '.' and parentheses"})
	}
	switch {
	case f.resource != "" && f.resourceGroup == "":
		problems = append(problems, &Problem{Input: "resource-group", Detail: notGiven, Allowed: "the resource group of --resource " + clipValue(f.resource)})
	case f.resource == "" && p.allowedHost != "":
		problems = append(problems, &Problem{Input: "resource", Detail: notGiven, Allowed: "the name of the resource behind " + p.allowedHost + ", with --resource-group"})
	}
	switch {
	case len(problems) > 0 || p.Endpoint != "" || f.resource == "":
	case strings.Contains(f.resource, ".") || !isHostName(strings.ToLower(f.resource)):
		problems = append(problems, &Problem{Input: "endpoint", Detail: notGiven + ", and --resource " + clipValue(f.resource) + " is no name that a host can have", Allowed: endpointForm})
	default:
		p.Endpoint = "https://" + strings.ToLower(f.resource) + "." + p.cloud.Suffixes[0]
		p.Notes = append(p.Notes, "The endpoint is taken to be "+p.Endpoint+", since --endpoint is not given: a resource can have another subdomain than its name.")
	}
	return problems
}

// takeIdentity reads what kind of identity is created, and its name.
func (p *setupPlan) takeIdentity(f *setupFlags) []*Problem {
	p.Identity, p.Name = f.identity, strings.TrimSpace(f.name)
	if p.Name == "" {
		p.Name = strings.Trim(slug("aoai-preflight-"+p.Repository, 100), "-")
	}
	var problems []*Problem
	form, allowed := applicationName(), "1 to 120 letters, digits, blanks, '-', '_', '.' and parentheses, the first a letter or digit"
	switch p.Identity {
	case "app":
	case "managed":
		form, allowed = identityName(), "3 to 128 letters, digits, '-' and '_', the first a letter or digit"
		if f.resourceGroup == "" && f.resource == "" { // else takeResource has said so
			problems = append(problems, &Problem{Input: "resource-group", Detail: notGiven, Allowed: "the resource group for the managed identity"})
		}
	default:
		return []*Problem{{Input: "identity", Value: clipValue(f.identity), Detail: "is not a kind of identity that setup creates", Allowed: "app, managed"}}
	}
	if !form.MatchString(p.Name) {
		problems = append(problems, &Problem{Input: "name", Value: clipValue(p.Name), Detail: "is not a name for it", Allowed: allowed})
	}
	return problems
}

// The names that az and the services behind it take.
// https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
var (
	accountName     = lazy(`^[A-Za-z0-9][A-Za-z0-9_.-]{1,63}$`)
	groupName       = lazy(`^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$`)
	identityName    = lazy(`^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$`)
	applicationName = lazy(`^[A-Za-z0-9]([A-Za-z0-9 _.()-]{0,118}[A-Za-z0-9_.()-])?$`)
)

// setupProblem is a problem as a line of the command's answer.
func setupProblem(p *Problem) string {
	name := "--" + p.Input
	if p.Source != "" && !strings.HasPrefix(p.Source, "flag ") {
		name = p.Source
	}
	text := name + " "
	if p.Value != "" {
		text += quoted(p.Value) + " "
	}
	text += p.Detail
	if p.Suggest != "" {
		text += fmt.Sprintf("; did you mean %s", inert.Line(p.Suggest))
	}
	if p.Allowed != "" {
		text += "; allowed: " + p.Allowed
	}
	return text
}
