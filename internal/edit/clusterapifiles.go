package edit

import (
	"path"
	"strconv"
	"strings"

	"kubetrace"
	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// files edits the files that Cluster API writes on a node, and says whether a removal took
// one of a container runtime out.
func (c *configSpec) files(want []kubetrace.NodeFile, folders map[string]string) (restarts bool) {
	var kept []any
	there := map[string]bool{}
	at := appending(c.at, fieldFiles)
	for i, element := range c.list(c.fields, fieldFiles, c.at...) {
		where := appending(at, i)
		fields, ok := element.(map[string]any)
		if !ok && element != nil {
			c.invalid(where, element, "this is no file: write path and content, or take it out")
		}
		name := path.Clean(text(fields["path"]))
		file, ours := fileAt(want, name)
		there[name] = true
		switch {
		case ours && c.Remove && c.isFile(fields, file):
			restarts = restarts || file.Component == tracing.ComponentContainerd || file.Component == tracing.ComponentCRIO
			continue
		case ours && c.Remove:
			c.leave(where, yamledit.Name(where), name)
		case ours:
			element = c.ourFile(fields, file, where)
			c.readable(fields, file, where)
		case !c.Remove && isKubeletPatch(name, folders):
			element = c.otherPatch(fields, where)
		}
		kept = append(kept, element)
	}
	for _, file := range want {
		if c.Remove || there[file.Path] {
			continue
		}
		c.add(proposal{path: at, name: yamledit.Name(at) + " " + file.Path, want: file.Path, component: file.Component})
		kept = append(kept, map[string]any{"path": file.Path, "owner": file.Owner, "permissions": file.Permissions(), "content": string(file.Content)})
	}
	put(c.fields, fieldFiles, anyList(kept))
	return restarts
}

// holds says whether there is a file in a folder.
func (c *configSpec) holds(folder string) bool {
	list, _ := c.fields[fieldFiles].([]any)
	for _, element := range list {
		if fields, _ := element.(map[string]any); path.Dir(path.Clean(text(fields["path"]))) == path.Clean(folder) {
			return true
		}
	}
	return false
}

func fileAt(files []kubetrace.NodeFile, name string) (kubetrace.NodeFile, bool) {
	for _, file := range files {
		if file.Path == name {
			return file, true
		}
	}
	return kubetrace.NodeFile{}, false
}

// appended says whether a file is added to what is there already.
func (d *document) appended(fields map[string]any) bool {
	on, _ := d.truth(fields["append"])
	return on
}

// isFile says whether somebody's file is ours.
func (d *document) isFile(fields map[string]any, file kubetrace.NodeFile) bool {
	return !readElsewhere(fields) && !d.appended(fields) && text(fields["content"]) == string(file.Content)
}

// readElsewhere says whether the content of a file is not in the document as it will be on
// the node.
func readElsewhere(fields map[string]any) bool {
	return !isEmpty(fields["contentFrom"]) || text(fields["encoding"]) != "" || text(fields["contentFormat"]) == "Template"
}

// ourFile edits somebody's file at the path of one of ours.
func (c *configSpec) ourFile(fields map[string]any, file kubetrace.NodeFile, where []any) any {
	content := appending(where, "content")
	switch {
	case c.isFile(fields, file):
		return fields
	case readElsewhere(fields):
		c.unreadFile(fields, where)
		return fields
	case c.appended(fields):
		c.invalid(appending(where, "append"), fields["append"], "what is there stays before it, and %s reads the whole file: take append out", file.Component)
		return fields
	}
	now := string(file.Content)
	switch file.Component {
	case tracing.ComponentAPIServer:
		now = c.inText(text(fields["content"]), "TracingConfiguration", whole, content)
	case tracing.ComponentKubelet:
		now = c.inText(text(fields["content"]), "KubeletConfiguration", whole, content)
	default:
		if !c.conflict(proposal{path: content, name: file.Path, have: "another content", want: "that of the spec", component: file.Component, class: setting.OtherValue, cure: "take the file out, or write it to another path"}) {
			return fields
		}
	}
	changed := copied(fields)
	changed["content"] = now
	return changed
}

// readable notes permissions of kube-apiserver's file with which it may not be read.
func (c *configSpec) readable(fields map[string]any, file kubetrace.NodeFile, where []any) {
	where = appending(where, "permissions")
	have := text(fields["permissions"])
	if mode, err := strconv.ParseUint(have, 8, 32); err == nil && mode&0o004 == 0 && file.Component == tracing.ComponentAPIServer {
		c.Unread = append(c.Unread, Change{Path: c.document.at(where), Document: c.label(), Component: file.Component, Name: yamledit.Name(where), Old: have, Class: setting.RefusesToStart,
			Cure: "kube-apiserver does not start where it runs without root, as with kubeadm's gate RootlessControlPlane, and cannot read this file: write " + file.Permissions()})
	}
}

// isKubeletPatch says whether kubeadm merges a file over the kubelet's configuration.
// Source: k8s.io/kubernetes cmd/kubeadm/app/util/patches/patches.go, parseFilename
// (v1.37.2).
func isKubeletPatch(name string, folders map[string]string) bool {
	folder, base := path.Split(name)
	for _, of := range folders {
		if path.Clean(folder) == path.Clean(of) {
			return strings.HasPrefix(base, kubeadm.TargetKubelet)
		}
	}
	return false
}

// otherPatch edits somebody's patch of the kubelet's configuration, which may take the
// place of ours.
func (c *configSpec) otherPatch(fields map[string]any, where []any) any {
	if readElsewhere(fields) || strings.Contains(text(fields["path"]), "+json.") {
		c.unreadFile(fields, where)
		return fields
	}
	changed := copied(fields)
	if have, ok := fields["content"].(string); ok {
		changed["content"] = c.inText(have, "KubeletConfiguration", merged, appending(where, "content"))
	}
	return changed
}

// unreadFile notes a file that may decide on tracing and is not looked at.
func (c *configSpec) unreadFile(fields map[string]any, where []any) {
	c.Unread = append(c.Unread, Change{Path: c.document.at(where), Document: c.label(), Name: yamledit.Name(where), Old: text(fields["path"]),
		Cure: "Its content is not looked at, and may set tracing otherwise"})
}

// inText edits the documents in a text, which are all of a kind, whether they say so or
// not.
func (d *document) inText(content, kind string, part part, at []any) string {
	parsed, err := yamledit.Parse([]byte(content))
	if err != nil {
		d.problem(Problem{Path: at, Setting: yamledit.Name(at), Message: messageOf(err)})
		return content
	}
	trees := make([]any, parsed.Len())
	for i := range parsed.Len() {
		value, _ := parsed.Value(i)
		trees[i] = value
		tree, ok := value.(map[string]any)
		if !ok {
			if value != nil || part == whole {
				d.invalid(at, abridged(content), "it is no mapping of fields: write a %s, or take the file out", kind)
			}
			continue
		}
		inner := &document{pass: d.pass, kind: kind, tree: copied(tree), part: part, within: at}
		editorFor(kind)(inner)
		trees[i] = inner.tree
	}
	return rewritten(parsed, trees)
}
