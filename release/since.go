package release

// since is a table of one fact by release: each row holds from its release on,
// until the next row. Rows are in ascending order.
type since[T any] []sinceRow[T]

type sinceRow[T any] struct {
	from  numbers // the first release the row is true for
	value T
}

// row returns the last row that is not newer than n. What is older than the
// first row gets an empty one.
func (s since[T]) row(n numbers) sinceRow[T] {
	var found sinceRow[T]
	for _, row := range s {
		if n.before(row.from) {
			break
		}
		found = row
	}
	return found
}

// at returns the value of that row.
func (s since[T]) at(n numbers) T { return s.row(n).value }
