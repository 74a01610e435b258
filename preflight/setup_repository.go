package preflight

import (
	"net/url"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// Which repository, on which server, a set-up is for.

const gitHubCom = "https://github.com"

// repositoryForm is OWNER/NAME. Owners of an enterprise with managed users end
// in an underscore and a short name.
var repositoryForm = lazy(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}$`)

// numberForm is an id of GitHub's.
var numberForm = lazy(`^[1-9][0-9]{0,18}$`)

// takeServer reads the server and derives the issuer of its tokens.
func (p *setupPlan) takeServer(w World, f *setupFlags) []*Problem {
	s := setting{"server", strings.TrimSpace(f.server), "flag --server"}
	if s.text == "" {
		s.text, s.source = strings.TrimSpace(w.getenv("GITHUB_SERVER_URL")), "variable GITHUB_SERVER_URL"
	}
	if s.text == "" {
		s.text = gitHubCom
	}
	p.Server = gitHubCom
	u, err := url.Parse(s.text)
	if err != nil || u.Scheme != "https" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" ||
		strings.Trim(u.Port(), "0123456789") != "" || !strings.Contains(u.Hostname(), ".") || !isHostName(strings.ToLower(u.Hostname())) {
		problem := s.problem("cfg-input-invalid", "is not a server's address", "https and a host, like https://github.example.com")
		problem.Value = printable(s.text)
		return []*Problem{problem}
	}
	p.Server = "https://" + strings.ToLower(u.Host)
	p.Issuer = tokenIssuer(p.Server)
	return nil
}

// tokenIssuer is the issuer of a server's ID tokens. An enterprise can have a path
// of its own behind it, which nothing here can know.
// https://docs.github.com/actions/reference/security/oidc
func tokenIssuer(server string) string {
	host := strings.TrimPrefix(server, "https://")
	switch {
	case server == gitHubCom:
		return "https://token.actions.githubusercontent.com"
	case under(host, "ghe.com"): // Enterprise Cloud with data residency
		return "https://token.actions." + host
	}
	return server + "/_services/token"
}

// ownServer reports an Enterprise Server.
func (p *setupPlan) ownServer() bool {
	return p.Server != gitHubCom && !under(strings.TrimPrefix(p.Server, "https://"), "ghe.com")
}

// takeRepository reads the repository: the flag, the run's own, or the origin
// of the checkout.
func (p *setupPlan) takeRepository(w World, f *setupFlags) *Problem {
	const allowed = "OWNER/NAME, like octo-org/octo-app"
	s := setting{"repository", strings.TrimSpace(f.repository), "flag --repository"}
	if s.text == "" {
		s.text, s.source = strings.TrimSpace(w.getenv("GITHUB_REPOSITORY")), "variable GITHUB_REPOSITORY"
	}
	if s.text == "" {
		var problem *Problem
		if s.text, problem = p.origin(w); problem != nil {
			problem.Allowed = allowed
			return problem
		}
		s.source = "origin in .git/config"
		p.Notes = append(p.Notes, "The repository is read from .git/config: write it as GitHub does, since Entra tells capital from small letters.")
	}
	owner, name, _ := strings.Cut(s.text, "/")
	if !repositoryForm().MatchString(s.text) || name == "." || name == ".." {
		return s.problem("cfg-input-invalid", "is not a repository", allowed)
	}
	p.Repository = owner + "/" + name
	return nil
}

// origin is the repository that the checkout came from, when that is one of
// the server's. Its address may hold a token and is never shown.
func (p *setupPlan) origin(w World) (string, *Problem) {
	data, err := readConfined(w, ".git/config", 1<<20)
	if err != nil {
		return "", &Problem{Input: "repository", Detail: notGiven + ", and there is no .git/config to read it from"}
	}
	host, path := splitRemote(remoteOrigin(string(data)))
	server := strings.TrimPrefix(p.Server, "https://")
	switch {
	case host == "":
		return "", &Problem{Input: "repository", Detail: notGiven + ", and .git/config has no origin on a server"}
	case host != server && !(server == "github.com" && (host == "ssh.github.com" || host == "www.github.com")):
		return "", &Problem{Input: "repository", Detail: notGiven + ", and the origin in .git/config is on " + inert.Clip(inert.Line(host), 100) + ", not on " + server}
	}
	return path, nil
}

// remoteOrigin is the address of the remote origin in a configuration of git's.
func remoteOrigin(config string) string {
	in := false
	for line := range strings.Lines(config) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = line == `[remote "origin"]`
			continue
		}
		if key, value, ok := strings.Cut(line, "="); in && ok && strings.EqualFold(strings.TrimSpace(key), "url") {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// splitRemote cuts an address into host and OWNER/NAME: a URL, or the form
// user@host:path of scp. The host is "" when it is neither.
func splitRemote(remote string) (host, path string) {
	if u, err := url.Parse(remote); err == nil && u.Host != "" {
		host, path = u.Hostname(), u.Path
	} else if before, after, ok := strings.Cut(remote, ":"); ok && !strings.Contains(before, "/") {
		host, path = before[strings.LastIndexByte(before, '@')+1:], after
	}
	return strings.ToLower(host), strings.TrimSuffix(strings.Trim(path, "/"), ".git")
}

// takeImmutable reads the numbers of owner and repository.
func (p *setupPlan) takeImmutable(w World, f *setupFlags) []*Problem {
	var problems []*Problem
	for i, id := range []struct{ flag, value, other string }{{"owner-id", f.ownerID, f.repositoryID}, {"repository-id", f.repositoryID, f.ownerID}} {
		const allowed = "the number that `gh api repos/OWNER/NAME --jq '.owner.id, .id'` prints"
		switch {
		case id.value == "" && id.other != "":
			problems = append(problems, &Problem{Input: id.flag, Detail: notGiven + "; an immutable subject has both numbers", Allowed: allowed})
		case id.value != "" && !numberForm().MatchString(id.value):
			problems = append(problems, &Problem{Input: id.flag, Value: clipValue(id.value), Detail: "is not an id of GitHub's", Allowed: allowed})
		case id.value != "" && p.ownServer():
			problems = append(problems, &Problem{Input: id.flag, Value: id.value, Detail: "has no use with " + p.Server + ": a GitHub Enterprise Server has no immutable subjects", Allowed: "empty"})
		}
		p.ids[i] = id.value
	}
	return problems
}
