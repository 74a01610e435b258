package litellm

import "path"

// A CompromisedRelease is a release of a package that is known to steal
// credentials from whoever installs or imports it.
type CompromisedRelease struct {
	Package, Version string
	Does             string   // a clause
	Advisories       []string // addresses, the authority first
}

// CompromisedReleases is what advisories confirm. Read 2026-11-24: the index
// serves neither release any more. A third-party checker also lists litellm
// 1.107.0; no advisory, no maintainer and no public thread was found to say so,
// and the index has no 1.107 at all, so it is not here.
func CompromisedReleases() []CompromisedRelease {
	advisories := []string{
		"https://osv.dev/vulnerability/MAL-2026-2144",
		"https://osv.dev/vulnerability/PYSEC-2026-2",
		"https://github.com/BerriAI/litellm/issues/24512",
		"https://github.com/BerriAI/litellm/issues/24518",
	}
	return []CompromisedRelease{
		{"litellm", "1.82.7", "steals environment variables, cloud credentials and CI tokens when its proxy module is imported", advisories},
		{"litellm", "1.82.8", "steals environment variables, cloud credentials and CI tokens whenever Python starts, without being imported", advisories},
	}
}

// Compromised finds the requirements that pin a compromised release, or a range
// that admits one. A pin of a good release, in the same folder or one above,
// answers for the ranges: they say what may be asked for, it what is installed.
func Compromised(reqs []Requirement) []Cause {
	var causes []Cause
	for i := range reqs {
		r := &reqs[i]
		var pinned, admitted []CompromisedRelease
		for _, bad := range CompromisedReleases() {
			switch v := mustVersion(bad.Version); {
			case r.Package != bad.Package:
			case !r.Exact.IsZero() && r.Exact.Compare(v) == 0:
				pinned = append(pinned, bad)
			case r.Exact.IsZero() && r.admits(v) && !ruledOut(reqs, r, v):
				admitted = append(admitted, bad)
			}
		}
		at := Value{From: r.File, At: r.At}
		for _, bad := range pinned {
			causes = append(causes, Cause{
				ID: VersionCompromised, Value: at, Param: r.Package, Breaks: true, Certain: true,
				Detail: r.File + " pins " + bad.Package + " " + bad.Version + ", which " + bad.Does,
			})
		}
		if len(admitted) > 0 && !pinnedGood(reqs, r) {
			names := ""
			for i, bad := range admitted {
				if i > 0 {
					names += " and "
				}
				names += bad.Version
			}
			causes = append(causes, Cause{
				ID: VersionAdmits, Value: at, Param: r.Package,
				Detail: r.File + " admits " + r.Package + " " + names +
					", known to steal credentials; they were withdrawn from the index, but a mirror or a cache can still have them",
			})
		}
	}
	return causes
}

// ruledOut reports whether a constraint keeps a version from a range.
func ruledOut(reqs []Requirement, ranged *Requirement, v Version) bool {
	for i := range reqs {
		if c := &reqs[i]; c.Constraint && c.Package == ranged.Package && !c.Marker && !c.Unknown && !c.admits(v) && folderHolds(path.Dir(c.File), path.Dir(ranged.File)) {
			return true
		}
	}
	return false
}

// pinnedGood reports whether a pin decides over a range, and is of a release
// that is not known to be bad.
func pinnedGood(reqs []Requirement, ranged *Requirement) bool {
	var pins []Requirement
	for _, r := range reqs {
		if r.Package == ranged.Package && !r.Exact.IsZero() && !r.Marker && folderHolds(path.Dir(r.File), path.Dir(ranged.File)) {
			pins = append(pins, r)
		}
	}
	pin, ok := Decide(pins, ranged.Package)
	for _, bad := range CompromisedReleases() {
		if bad.Package == pin.Package && pin.Exact.Compare(mustVersion(bad.Version)) == 0 {
			return false
		}
	}
	return ok
}

// folderHolds reports whether a folder is another one or holds it.
func folderHolds(dir, other string) bool {
	return dir == "." || dir == other || len(other) > len(dir) && other[:len(dir)] == dir && other[len(dir)] == '/'
}
