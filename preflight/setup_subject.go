package preflight

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// The subjects of GitHub's ID tokens, and the federated credentials for them.
// https://docs.github.com/actions/concepts/security/openid-connect

// A setupSubject is a kind of run that gets a token.
type setupSubject struct {
	kind  string // branch, tag, environment or pull-request
	value string // "" for a pull request
}

func (s setupSubject) String() string { return s.kind + prefixed(":", s.value) }

const (
	subjectForms = "branch:NAME, tag:NAME, environment:NAME, pull-request"
	// maxSubjects is how many federated credentials an application or a managed
	// identity can have.
	// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
	maxSubjects = 20
	maxSubject  = 600 // characters
)

// takeSubjects reads the kinds of run, each once.
func (p *setupPlan) takeSubjects(f *setupFlags) []*Problem {
	texts := strings.FieldsFunc(strings.Join(f.subjects, ","), func(r rune) bool { return r == ',' })
	if len(f.subjects) == 0 {
		texts = []string{"branch:main"}
	}
	var problems []*Problem
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		s, detail := parseSubject(text)
		if detail == "" && len(p.subject(s)) > maxSubject {
			detail = "makes a longer subject than Entra takes"
		}
		switch {
		case detail != "":
			problems = append(problems, &Problem{Input: "subject", Value: clipValue(text), Detail: detail, Allowed: subjectForms})
		case !slices.Contains(p.subjects, s):
			p.subjects = append(p.subjects, s)
		}
	}
	switch {
	case len(problems) > 0:
	case len(p.subjects) == 0:
		problems = append(problems, &Problem{Input: "subject", Detail: "is empty", Allowed: subjectForms})
	case len(p.subjects) > maxSubjects:
		problems = append(problems, &Problem{Input: "subject", Detail: "lists " + count(len(p.subjects), "subject") + fmt.Sprintf(", and an identity takes no more federated credentials than %d", maxSubjects), Allowed: fmt.Sprintf("at most %d", maxSubjects)})
	}
	return problems
}

// parseSubject reads one choice, or says what is wrong with it.
func parseSubject(text string) (s setupSubject, detail string) {
	s.kind, s.value, _ = strings.Cut(text, ":")
	switch s.kind {
	case "pull-request", "pull_request":
		s.kind = "pull-request"
		if s.value != "" {
			return s, "names something behind pull-request, which has no name: the subject is the same for every pull request"
		}
		return s, ""
	case "branch", "tag":
		if rest, ok := strings.CutPrefix(s.value, "refs/"); ok {
			return s, "names a whole ref; write " + s.kind + ":" + clipValue(rest[strings.IndexByte(rest, '/')+1:])
		}
	case "environment":
	default:
		return s, "is not a kind of subject"
	}
	switch {
	case s.value == "":
		return s, "names no " + s.kind
	case strings.Contains(s.value, "*"):
		return s, "has a wildcard; Entra compares whole subjects, so name each " + s.kind
	case inert.Line(s.value) != s.value || strings.ContainsAny(s.value, `\`) || strings.Contains(s.value, "${{") || len(s.value) > 255,
		s.kind != "environment" && !refName(s.value):
		return s, "has a name that no " + s.kind + " can have here"
	}
	return s, ""
}

// refName reports whether git takes a name for a branch or a tag.
// https://git-scm.com/docs/git-check-ref-format
func refName(s string) bool {
	return !strings.ContainsAny(s, " ~^:?*[\\\x7f") && !strings.Contains(s, "..") && !strings.Contains(s, "@{") && !strings.Contains(s, "//") &&
		!strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "/") && !strings.HasSuffix(s, "/") && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ".lock") &&
		!strings.HasPrefix(s, ".") && !strings.Contains(s, "/.") && s != "@"
}

// subject is the sub claim of the runs of a kind. The immutable form has the
// numbers of owner and repository behind their names.
// https://learn.microsoft.com/entra/workload-id/workload-identities-github-immutable-subjects
func (p *setupPlan) subject(s setupSubject) string {
	repo := p.Repository
	if p.ids[0] != "" {
		owner, name, _ := strings.Cut(repo, "/")
		repo = owner + "@" + p.ids[0] + "/" + name + "@" + p.ids[1]
	}
	context := map[string]string{
		"branch":       "ref:refs/heads/" + s.value,
		"tag":          "ref:refs/tags/" + s.value,
		"environment":  "environment:" + strings.ReplaceAll(s.value, ":", "%3A"),
		"pull-request": "pull_request",
	}
	return "repo:" + repo + ":" + context[s.kind]
}

// credential is the federated credential for a kind of run. Its name is the
// same in every set-up of the same issuer and subject, and no other's.
func (p *setupPlan) credential(s setupSubject) setupCredential {
	subject := p.subject(s)
	_, name, _ := strings.Cut(p.Repository, "/")
	return setupCredential{
		Name:    credentialName(name+"-"+s.String(), p.Issuer, subject),
		Subject: subject,
		For:     s.String(),
	}
}

// credentialName is a name for a federated credential that no other issuer or
// subject has: az replaces a managed identity's credential of the same name,
// and refuses an application's second one.
func credentialName(label, issuer, subject string) string {
	sum := sha256.Sum256([]byte(issuer + " " + subject))
	return slug(label, 100) + "-" + hex.EncodeToString(sum[:4])
}

// slug is s as part of a name in Azure: letters, digits and hyphens, at most n,
// the first no hyphen.
func slug(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(uppercase+lowercase+digits, r) {
			return r
		}
		return '-'
	}, s)
	s = strings.TrimLeft(s, "-")
	return s[:min(n, len(s))]
}
