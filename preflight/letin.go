package preflight

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// A refusal can prove that access is granted: a filtered prompt, a complaint
// about a parameter, a rate limit. But a gateway, a firewall or a proxy says
// the same of a request that never reached the service, so that only what the
// service alone says is taken for a proof.

// letIn reports whether a failed call was refused by the service itself for
// what is in the request. A pasted text does not show who spoke.
func letIn(e *Evidence) bool {
	return e.Pasted || ownRefusal(failedAt(e, ServiceModel))
}

// ownRefusal reports whether x is the service's own complaint about a request.
func ownRefusal(x *Exchange) bool {
	if x == nil || x.Fault != FaultNone || x.Form != FormOwn {
		return false
	}
	switch x.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType,
		http.StatusFailedDependency: // the model's server behind Azure's front
		return true
	}
	return false
}

// limited reports whether it is the service that has no room for the caller, as
// far as its answer tells. Of a host of Azure's own only a page or a text is
// somebody else's: the service's front end has several forms. Of any other host
// it has to be the service's form, or its region.
func limited(e *Evidence) bool {
	if e.Pasted {
		return true
	}
	x := failedAt(e, ServiceModel)
	switch {
	case x == nil, x.Status == http.StatusUnauthorized:
		return false
	case x.Form == FormOwn, x.Header["x-ms-region"] != "":
		return true
	}
	return cloudOf(x.Host) != nil && x.Form != FormOther
}

// formOf tells by a body's outermost value who may have made it.
func formOf(body []byte) Form {
	if len(bytes.TrimSpace(body)) == 0 {
		return FormNone
	}
	var v any
	if json.Unmarshal(body, &v) != nil {
		return FormOther
	}
	if o, ok := v.(map[string]any); ok {
		if _, ok := o["error"].(map[string]any); ok {
			return FormOwn
		}
	}
	return FormJSON
}
