// Names what the package's entry points share beyond their public exports.
//
// Each published entry point is a bundle with its own copy of the modules in lib/. Symbols of the global registry are the same
// in every copy; a WeakMap or a private field would not be.
'use strict'

/** The method of a watcher that returns the number of its connection to a verified server. */
const HELD_CONNECTION = Symbol.for('osaurus-discovery/held-connection')

/** The property of an error with the failure of the core that it was made from. */
const FAILURE = Symbol.for('osaurus-discovery/failure')

module.exports = { FAILURE, HELD_CONNECTION }
