// Package tomledit changes values in TOML that people wrote and leaves every other
// byte as it is: comments, the order of keys, indentation, line ends. It also prints
// new files.
//
// Where things stand it asks the parser of github.com/pelletier/go-toml/v2, which
// containerd 2 reads its own configuration with. What an edit has made is read again
// and compared with what it should say, so that an edit in a form that this package
// does not know is an error and no damage.
package tomledit
