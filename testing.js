// The testing kit: a fake Osaurus for the tests of an app.
'use strict'

const { createFakeAccessKey } = require('./lib/fake/access-keys.js')
const { startFakeOsaurus } = require('./lib/fake/fake-osaurus.js')

module.exports = { createFakeAccessKey, startFakeOsaurus }
