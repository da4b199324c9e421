// Package news says what is served now of everything that is pinned here, and for a
// release that the tables lack how the files that they cite have changed: a page for
// the person who adds a release. It asks the go command alone, and so the module
// proxy that is set. cmd/news writes the page.
package news
