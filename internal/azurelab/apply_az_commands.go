package azurelab

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What each command of az does to the world. The caller holds w.mu. Errors are
// the service's refusals, shortened.

// consoleGroup is the resource group of everything in the subscription.
const consoleGroup = "octo"

// An object is a resource as az prints it.
type object = map[string]any

func (c *Console) tenant() *Tenant { return &c.world.Tenants[0] }

func (c *Console) azLogin(o options) (any, error) {
	t := c.tenant()
	if id, ok := o["tenant"]; ok && id != t.ID && !slices.Contains(t.Domains, id) {
		return nil, fmt.Errorf("no tenant %s", id)
	}
	return []object{}, nil
}

func (c *Console) azCloud(o options) (any, error) {
	names := map[string]Cloud{"AzureCloud": Public, "AzureUSGovernment": USGov, "AzureChinaCloud": China}
	if names[o["name"]] != c.tenant().Cloud {
		return nil, fmt.Errorf("the tenant is not in the cloud %s", o["name"])
	}
	return nil, nil
}

func (c *Console) azAccount(options) (any, error) {
	return object{"tenantId": c.tenant().ID, "id": guid("subscription")}, nil
}

// azAppList is a search in the directory.
func (c *Console) azAppList(o options) (any, error) {
	name, err := filter(o["filter"], "displayName")
	if err != nil {
		return nil, err
	}
	found := []object{}
	for _, a := range c.tenant().Apps {
		if strings.EqualFold(a.Name, name) {
			found = append(found, object{"appId": a.ClientID, "displayName": a.Name})
		}
	}
	return found, nil
}

// azAppCreate patches an application of the same name if there is one.
func (c *Console) azAppCreate(o options) (any, error) {
	if o["sign-in-audience"] != "AzureADMyOrg" {
		return nil, fmt.Errorf("no sign-in audience %s", o["sign-in-audience"])
	}
	t := c.tenant()
	if len(o["display-name"]) > 120 {
		return nil, fmt.Errorf("the display name is too long")
	}
	i := slices.IndexFunc(t.Apps, func(a App) bool { return a.Name == o["display-name"] })
	if i < 0 {
		i = len(t.Apps)
		t.Apps = append(t.Apps, App{ClientID: guid(fmt.Sprintf("application %d %s", i, o["display-name"])), Name: o["display-name"]})
	}
	return object{"appId": t.Apps[i].ClientID, "displayName": t.Apps[i].Name}, nil
}

func (c *Console) azPrincipalList(o options) (any, error) {
	id, err := filter(o["filter"], "appId")
	if err != nil {
		return nil, err
	}
	if !guidShape.MatchString(id) {
		return nil, fmt.Errorf("Request_BadRequest: invalid value for a filter of appId")
	}
	found := []object{}
	if a := c.tenant().app(id); a != nil && a.ObjectID != "" {
		found = append(found, object{"id": a.ObjectID, "appId": a.ClientID})
	}
	return found, nil
}

func (c *Console) azPrincipalCreate(o options) (any, error) {
	a, err := c.app(o["id"])
	if err != nil {
		return nil, err
	}
	if a.ObjectID != "" {
		return nil, fmt.Errorf("the service principal name %s is already in use", a.ClientID)
	}
	a.ObjectID = guid("service principal of " + a.ClientID)
	return object{"id": a.ObjectID, "appId": a.ClientID}, nil
}

func (c *Console) app(clientID string) (*App, error) {
	if a := c.tenant().app(clientID); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("no application %s", clientID)
}

func (c *Console) azAppCredentials(o options) (any, error) {
	a, err := c.app(o["id"])
	if err != nil {
		return nil, err
	}
	return federatedObjects(a.Federated), nil
}

func federatedObjects(all []Federated) []object {
	found := []object{}
	for _, f := range all {
		found = append(found, object{"id": guid(f.Issuer + f.Subject), "issuer": f.Issuer, "subject": f.Subject, "audiences": []string{f.Audience}})
	}
	return found
}

func (c *Console) azAppCredential(o options) (any, error) {
	a, err := c.app(o["id"])
	if err != nil {
		return nil, err
	}
	var p struct {
		Name, Issuer, Subject string
		Audiences             []string
	}
	d := json.NewDecoder(strings.NewReader(o["parameters"]))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || d.More() {
		return nil, fmt.Errorf("the parameters are not one object of JSON with name, issuer, subject and audiences: %w", err)
	}
	if len(p.Audiences) != 1 {
		return nil, fmt.Errorf("a federated credential has one audience")
	}
	key := a.ClientID + "/" + p.Name
	if _, taken := c.names[key]; taken {
		return nil, fmt.Errorf("FederatedIdentityCredential with name %s already exists", p.Name)
	}
	f := Federated{Issuer: p.Issuer, Subject: p.Subject, Audience: p.Audiences[0]}
	if err := checkFederated(p.Name, f, a.Federated); err != nil {
		return nil, err
	}
	c.names[key] = p.Subject
	a.Federated = append(a.Federated, f)
	return object{"name": p.Name}, nil
}

// credentialName is how a federated credential may be called: 3 to 120
// characters that need no escape in a URL.
var credentialName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$`)

// checkFederated refuses what the services refuse.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
func checkFederated(name string, f Federated, others []Federated) error {
	switch {
	case !credentialName.MatchString(name):
		return fmt.Errorf("no name for a federated credential: %q", name)
	case !strings.HasPrefix(f.Issuer, "https://"), f.Subject == "", f.Audience == "", len(f.Subject) > 600, len(f.Issuer) > 600:
		return fmt.Errorf("issuer, subject or audience is not one that a federated credential can have")
	case len(others) >= 20:
		return fmt.Errorf("there are twenty federated credentials")
	case slices.ContainsFunc(others, func(o Federated) bool { return o.Issuer == f.Issuer && o.Subject == f.Subject }):
		return fmt.Errorf("the combination of issuer and subject must be unique: %s", f.Subject)
	}
	return nil
}

var managedName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$`)

// managed finds a user-assigned identity by name.
func (c *Console) managed(name string) *ManagedIdentity {
	for i := range c.world.Managed {
		if m := &c.world.Managed[i]; !m.SystemAssigned && m.name() == name {
			return m
		}
	}
	return nil
}

func (c *Console) azIdentityCreate(o options) (any, error) {
	switch {
	case o["resource-group"] != consoleGroup:
		return nil, fmt.Errorf("ResourceGroupNotFound: %s", o["resource-group"])
	case !managedName.MatchString(o["name"]):
		return nil, fmt.Errorf("InvalidResourceName: %s", o["name"])
	case c.managed(o["name"]) == nil:
		id := "/subscriptions/" + guid("subscription") + "/resourcegroups/" + consoleGroup + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + o["name"]
		c.world.Managed = append(c.world.Managed, ManagedIdentity{
			ClientID: guid("client of " + id), ObjectID: guid("principal of " + id), ResourceID: id,
			TenantID: c.tenant().ID, TokenLifetime: 24 * time.Hour,
		})
	}
	return c.azIdentityShow(o)
}

func (c *Console) azIdentityShow(o options) (any, error) {
	m := c.managed(o["name"])
	if m == nil || o["resource-group"] != consoleGroup {
		return nil, fmt.Errorf("ResourceNotFound: %s in %s", o["name"], o["resource-group"])
	}
	return object{"id": m.ResourceID, "clientId": m.ClientID, "principalId": m.ObjectID, "tenantId": m.TenantID}, nil
}

// azIdentityCredential creates a credential, or replaces the one of its name.
func (c *Console) azIdentityCredentials(o options) (any, error) {
	m := c.managed(o["identity-name"])
	if m == nil || o["resource-group"] != consoleGroup {
		return nil, fmt.Errorf("ResourceNotFound: %s in %s", o["identity-name"], o["resource-group"])
	}
	return federatedObjects(m.Federated), nil
}

func (c *Console) azIdentityCredential(o options) (any, error) {
	m := c.managed(o["identity-name"])
	if m == nil || o["resource-group"] != consoleGroup {
		return nil, fmt.Errorf("ResourceNotFound: %s in %s", o["identity-name"], o["resource-group"])
	}
	key := m.ClientID + "/" + o["name"]
	others := m.Federated
	if subject, ok := c.names[key]; ok {
		others = slices.DeleteFunc(slices.Clone(others), func(f Federated) bool { return f.Subject == subject })
	}
	f := Federated{Issuer: o["issuer"], Subject: o["subject"], Audience: o["audiences"]}
	if err := checkFederated(o["name"], f, others); err != nil {
		return nil, err
	}
	c.names[key] = f.Subject
	m.Federated = append(slices.Clone(others), f)
	return object{"name": o["name"]}, nil
}

// accountID is the id of a resource in the subscription.
func accountID(r *Resource) string {
	return "/subscriptions/" + guid("subscription") + "/resourceGroups/" + consoleGroup + "/providers/Microsoft.CognitiveServices/accounts/" + r.Name
}

func accountObject(r *Resource) object {
	properties := object{"customSubDomainName": nil}
	if r.CustomSubdomain && len(r.Hosts) > 0 {
		properties["customSubDomainName"], _, _ = strings.Cut(r.Hosts[0], ".")
	}
	return object{"id": accountID(r), "name": r.Name, "properties": properties}
}

func (c *Console) azAccounts(options) (any, error) {
	all := []object{}
	for i := range c.world.Resources {
		all = append(all, accountObject(&c.world.Resources[i]))
	}
	return all, nil
}

func (c *Console) azAccountShow(o options) (any, error) {
	for i := range c.world.Resources {
		if r := &c.world.Resources[i]; strings.EqualFold(r.Name, o["name"]) && strings.EqualFold(o["resource-group"], consoleGroup) {
			return accountObject(r), nil
		}
	}
	return nil, fmt.Errorf("ResourceNotFound: %s in %s", o["name"], o["resource-group"])
}

// azRole assigns a role at one resource, once. An empty scope is the whole
// subscription, as for the real az. The lab has no other scopes.
// https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/role/custom.py
func (c *Console) azRole(o options) (any, error) {
	if o["assignee-principal-type"] != "ServicePrincipal" {
		return nil, fmt.Errorf("UnmatchedPrincipalType: %s", o["assignee-principal-type"])
	}
	if _, given := o["scope"]; !given {
		return nil, fmt.Errorf("needs --scope")
	}
	if o["scope"] == "" {
		for i := range c.world.Resources {
			if err := assignRole(c.world, params{"principal-id": o["assignee-object-id"], "role": o["role"], "scope-resource": c.world.Resources[i].Name}); err != nil {
				return nil, err
			}
		}
		return object{}, nil
	}
	for i := range c.world.Resources {
		r := &c.world.Resources[i]
		if accountID(r) != o["scope"] {
			continue
		}
		have := slices.ContainsFunc(r.Roles, func(a RoleAssignment) bool {
			return a.PrincipalID == o["assignee-object-id"] && a.RoleID == o["role"]
		})
		if have {
			return object{}, nil
		}
		return object{}, assignRole(c.world, params{"principal-id": o["assignee-object-id"], "role": o["role"], "scope-resource": r.Name})
	}
	return nil, fmt.Errorf("no resource %s", o["scope"])
}
