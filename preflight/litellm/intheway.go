package litellm

import "maps"

// InTheWay are the keys and static tokens that keep a call from asking its
// token source: the one that is sent, then the one that would be sent once that
// is gone, and so on; s is what the call was resolved to. There is none where it
// sends what was meant.
func InTheWay(c Call, s *Sending) []Cause {
	const most = 8 // there are four variables, and parameters of the same kind
	var out []Cause
	for len(out) < most {
		cause, ok := inTheWay(s)
		if !ok {
			break
		}
		out = append(out, cause)
		c = without(c, cause.Value)
		next := Resolve(c)
		s = &next
	}
	return out
}

// inTheWay is the key or token that a call sends instead of what was meant.
func inTheWay(s *Sending) (Cause, bool) {
	for _, c := range s.Causes {
		if (c.ID == KeyShadowsToken || c.ID == StaticTokenShadows) && c.Value.Set {
			return c, true
		}
	}
	return Cause{}, false
}

// without is the call without a value, wherever it comes from.
func without(c Call, v Value) Call {
	gone := func(_ string, other Value) bool { return same(v, other) }
	c.Params, c.Globals = maps.Clone(c.Params), maps.Clone(c.Globals)
	maps.DeleteFunc(c.Params, gone)
	maps.DeleteFunc(c.Globals, gone)
	if env := c.Env; v.Var != "" && env != nil {
		c.Env = func(name string) Value {
			if found := env(name); name != v.Var || found.At != v.At {
				return found
			}
			return unset("variable " + name)
		}
	}
	return c
}
