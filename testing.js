// The testing kit: a fake Osaurus for the tests of an app.
'use strict'

const { createFakeAccessKey, startFakeOsaurus } = require('./lib/fake/fake-osaurus.js')

module.exports = { createFakeAccessKey, startFakeOsaurus }
