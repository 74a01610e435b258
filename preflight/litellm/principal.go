package litellm

// A principal is who signs in, put together field by field: each from its
// parameter or else from its variable, so that a client id of the configuration
// can meet the secret of another application.
type principal struct {
	tenant, client, secretOf, user, pass Value
}

// principal merges the fields as this release does.
func (r *resolver) principal() principal {
	return principal{
		tenant:   r.field("tenant_id", "AZURE_TENANT_ID"),
		client:   r.field("client_id", "AZURE_CLIENT_ID"),
		secretOf: r.field("client_secret", "AZURE_CLIENT_SECRET"),
		user:     r.field("azure_username", "AZURE_USERNAME"),
		pass:     r.field("azure_password", "AZURE_PASSWORD"),
	}
}

// field is a parameter, or the variable that stands in for it in this release.
func (r *resolver) field(name, env string) Value {
	p, how := r.param(name), r.does(envPrincipal)
	switch {
	case how == "unknown" && r.withoutParams():
		return unset(p.From)
	case r.withoutParams():
		return r.variable(env)
	case how == "read":
		return set(p, r.variable(env))
	}
	return p
}

// scope is the scope that this release asks for.
func (r *resolver) scope() Value {
	switch how := r.does(scopeParam); {
	case how == "refresh":
		return unset("")
	case r.withoutParams():
		return r.variable("AZURE_SCOPE")
	case how == "parameter":
		return r.param("azure_scope")
	}
	return set(r.param("azure_scope"), r.variable("AZURE_SCOPE"))
}

// secret is the client secret's candidate, when all three fields are there.
func (p principal) secret(scope Value) (candidate, bool) {
	if p.tenant.Empty() || p.client.Empty() || p.secretOf.Empty() {
		return candidate{}, false
	}
	return candidate{source: FromClientSecret, value: p.secretOf, scope: scope, entra: map[string]Value{
		"tenant_id": p.tenant, "client_id": p.client, "client_secret": p.secretOf,
	}}, true
}

// password is the user's candidate. LiteLLM passes no tenant: the SDK's default
// is "organizations".
func (p principal) password(scope Value) (candidate, bool) {
	if p.user.Empty() || p.pass.Empty() || p.client.Empty() {
		return candidate{}, false
	}
	return candidate{source: FromPassword, value: p.pass, scope: scope, entra: map[string]Value{
		"client_id": p.client, "username": p.user, "password": p.pass,
	}}, true
}
