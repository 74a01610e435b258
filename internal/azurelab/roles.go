package azurelab

import (
	"slices"
	"strings"
	"time"
)

// A role is a built-in role with the data actions that matter here, below
// Microsoft.CognitiveServices/accounts/.
type role struct {
	id, name string
	actions  []string // * stands for any number of segments
}

// The roles that people assign for Azure OpenAI, rightly or wrongly. The id
// stays when a role is renamed. The actions are those of the definitions that
// `az role definition list` printed on 2026-10-09.
var roles = []role{
	{"5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", "Cognitive Services OpenAI User", []string{
		"OpenAI/*/read", "OpenAI/deployments/chat/completions/action", "OpenAI/deployments/completions/action",
		"OpenAI/deployments/embeddings/action", "OpenAI/deployments/audio/action", "OpenAI/images/generations/action",
		"OpenAI/assistants/*", "OpenAI/responses/*"}},
	{"a001fd3d-188f-4b5d-821b-7da978bf7442", "Cognitive Services OpenAI Contributor", []string{"OpenAI/*"}},
	{"a97b65f3-24c7-4388-baec-2e87135dc908", "Cognitive Services User", []string{"*"}},
	{"53ca6127-db72-4b80-b1b0-d745d6d5456d", "Foundry User", []string{"*"}}, // was Azure AI User
	{"64702f94-c441-49e6-a78b-ef80e0188fee", "Azure AI Developer", []string{"OpenAI/*"}},
	{"25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68", "Cognitive Services Contributor", nil},
	{"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", nil},
	{"b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", nil},
}

// OpenAIUser is the id of the role that a caller of models needs.
const OpenAIUser = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"

// roleNamed finds a role by its id or its name.
func roleNamed(s string) *role {
	for i := range roles {
		if r := &roles[i]; strings.EqualFold(r.id, s) || strings.EqualFold(r.name, s) {
			return r
		}
	}
	return nil
}

func (r *role) allows(action string) bool {
	return slices.ContainsFunc(r.actions, func(pattern string) bool {
		before, after, wildcard := strings.Cut(pattern, "*")
		if !wildcard {
			return action == pattern
		}
		return len(action) >= len(before)+len(after) && strings.HasPrefix(action, before) && strings.HasSuffix(action, after)
	})
}

// allows reports whether a principal's roles at the resource allow an action
// now.
func (r *Resource) allows(objectID, action string, now time.Time) bool {
	for _, a := range r.Roles {
		if !strings.EqualFold(a.PrincipalID, objectID) || a.Since.After(now) {
			continue
		}
		if role := roleNamed(a.RoleID); role != nil && role.allows(action) {
			return true
		}
	}
	return false
}
