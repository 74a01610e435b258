package azurelab

import (
	"fmt"
	"slices"
	"strings"
)

// Empty is the healthy world before anybody set an identity up: a tenant
// without applications, a resource that nobody has a role at, and a job that is
// told the endpoint and the deployment and no ids.
func Empty() *World {
	w := Healthy()
	w.Tenants[0].Apps = nil
	w.Resources[0].Roles = nil
	delete(w.Job.Inputs, "tenant-id")
	delete(w.Job.Inputs, "client-id")
	return w
}

// A Console is the shell of somebody who is signed in to the first tenant with
// az, to GitHub with gh, and may do everything there. It takes the commands
// that a user is told to paste, and changes the world as they would. What it
// does not know it refuses: a command that the lab cannot prove is no proof.
//
// Every resource is in the resource group octo of the one subscription.
type Console struct {
	// Calls are the command lines of az and gh that ran, and what they printed.
	Calls []Call
	// Stored are the variables of the repository that gh has set.
	Stored map[string]string

	world     *World
	variables map[string]string // of the shell
	stderr    strings.Builder
	// names has the subject of each federated credential by its owner's client
	// id and its name, which the world does not keep.
	names map[string]string
}

// A Call is one run of a program.
type Call struct {
	Args   []string // the program first
	Stdout string
}

// Console opens a shell.
func (w *World) Console() *Console {
	return &Console{world: w, Stored: map[string]string{}, variables: map[string]string{}, names: map[string]string{}}
}

// Run runs a script in the shell, which keeps its variables from one script to
// the next, and returns what was printed. It is an error when the last command
// fails, when az or gh refuses, and when there is anything in the script that
// the lab does not know.
func (c *Console) Run(script string) (stdout string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("azurelab: %w", err)
		}
	}()
	list, err := parseScript(script)
	if err != nil {
		return "", err
	}
	c.stderr.Reset()
	stdout, ok, err := c.list(list)
	if err == nil && !ok {
		err = fmt.Errorf("the script failed: %s", strings.TrimSpace(c.stderr.String()))
	}
	return stdout, err
}

// program runs az or gh.
func (c *Console) program(args []string) (stdout string, err error) {
	c.world.Update(func(*World) {
		switch args[0] {
		case "az":
			stdout, err = c.az(args[1:])
		case "gh":
			stdout, err = "", c.gh(args[1:])
		default:
			err = fmt.Errorf("no such program")
		}
	})
	if err != nil {
		return "", fmt.Errorf("%q: %w", args, err)
	}
	c.Calls = append(c.Calls, Call{args, stdout})
	return stdout, nil
}

// An azCommand is a command of az with the options that the lab knows of it.
// The global options --query and --output come on top.
type azCommand struct {
	needs, takes []string
	run          func(c *Console, o options) (any, error)
}

// options are those of a command line, by name without the hyphens.
type options map[string]string

// azCommands are checked against azure-cli 2.91.0: its parser takes each of
// them with these options.
var azCommands = map[string]azCommand{
	"login":        {takes: []string{"tenant"}, run: (*Console).azLogin},
	"cloud set":    {needs: []string{"name"}, run: (*Console).azCloud},
	"account show": {run: (*Console).azAccount},

	"ad app list":                        {needs: []string{"filter"}, run: (*Console).azAppList},
	"ad app create":                      {needs: []string{"display-name", "sign-in-audience"}, run: (*Console).azAppCreate},
	"ad sp list":                         {needs: []string{"filter"}, run: (*Console).azPrincipalList},
	"ad sp create":                       {needs: []string{"id"}, run: (*Console).azPrincipalCreate},
	"ad app federated-credential list":   {needs: []string{"id"}, run: (*Console).azAppCredentials},
	"ad app federated-credential create": {needs: []string{"id", "parameters"}, run: (*Console).azAppCredential},

	"identity create":                      {needs: []string{"name", "resource-group"}, run: (*Console).azIdentityCreate},
	"identity show":                        {needs: []string{"name", "resource-group"}, run: (*Console).azIdentityShow},
	"identity federated-credential list":   {needs: []string{"identity-name", "resource-group"}, run: (*Console).azIdentityCredentials},
	"identity federated-credential create": {needs: []string{"name", "identity-name", "resource-group", "issuer", "subject", "audiences"}, run: (*Console).azIdentityCredential},

	"cognitiveservices account list": {run: (*Console).azAccounts},
	"cognitiveservices account show": {needs: []string{"name", "resource-group"}, run: (*Console).azAccountShow},
	"role assignment create":         {needs: []string{"assignee-object-id", "assignee-principal-type", "role"}, takes: []string{"scope"}, run: (*Console).azRole},
}

// az is one command line of az without the program.
func (c *Console) az(args []string) (string, error) {
	name, o, err := cut(args, map[string]string{"-o": "--output", "-n": "--name", "-g": "--resource-group"})
	if err != nil {
		return "", err
	}
	command, ok := azCommands[name]
	if !ok {
		return "", fmt.Errorf("no command")
	}
	query, output := o["query"], o["output"]
	delete(o, "query")
	delete(o, "output")
	if err := o.check(command.needs, command.takes); err != nil {
		return "", err
	}
	result, err := command.run(c, o)
	if err != nil {
		return "", err
	}
	if query != "" {
		if result, err = search(result, query); err != nil {
			return "", err
		}
	}
	switch output {
	case "tsv":
		return tsv(result)
	case "none":
		return "", nil
	case "":
		return "(JSON that nobody reads)\n", nil
	}
	return "", fmt.Errorf("no output %q", output)
}

// gh is one command line of gh without the program: a variable of the job's
// repository is set.
func (c *Console) gh(args []string) error {
	if len(args) < 3 || args[0] != "variable" || args[1] != "set" {
		return fmt.Errorf("no command")
	}
	_, o, err := cut(append([]string{args[0]}, args[3:]...), nil)
	if err != nil {
		return err
	}
	if err := o.check([]string{"body", "repo"}, nil); err != nil {
		return err
	}
	g, repository := &c.world.GitHub, o["repo"]
	if g.enterprise() {
		repository = "https://" + repository
		if repository != g.Server+"/"+g.Repository {
			return fmt.Errorf("no repository %s", o["repo"])
		}
	} else if repository != g.Repository {
		return fmt.Errorf("no repository %s", o["repo"])
	}
	if o["body"] == "" {
		return fmt.Errorf("an empty variable")
	}
	c.Stored[args[2]] = o["body"]
	return nil
}

// cut cuts a command line into the words of the command and its options, each
// of which has one value. A value that begins with a hyphen would be taken for
// an option, one that begins with @ for a file's name.
func cut(args []string, short map[string]string) (name string, o options, err error) {
	i := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") })
	if i < 0 {
		i = len(args)
	}
	o = options{}
	for rest := args[i:]; len(rest) > 0; rest = rest[2:] {
		option := rest[0]
		if long, ok := short[option]; ok {
			option = long
		}
		key, ok := strings.CutPrefix(option, "--")
		if !ok || len(rest) < 2 || strings.HasPrefix(rest[1], "-") || strings.HasPrefix(rest[1], "@") {
			return "", nil, fmt.Errorf("%q is no option with a value", rest[0])
		}
		if _, twice := o[key]; twice {
			return "", nil, fmt.Errorf("--%s is given twice", key)
		}
		o[key] = rest[1]
	}
	return strings.Join(args[:i], " "), o, nil
}

// check reports options that are missing, empty or unknown.
func (o options) check(needs, takes []string) error {
	for _, name := range needs {
		if o[name] == "" {
			return fmt.Errorf("needs --%s", name)
		}
	}
	for name := range o {
		if !slices.Contains(needs, name) && !slices.Contains(takes, name) {
			return fmt.Errorf("has no option --%s", name)
		}
	}
	return nil
}
