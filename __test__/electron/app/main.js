// An app that does nothing by itself: the tests open its windows and register what they try.
'use strict'

const { app } = require('electron')

app.on('window-all-closed', () => {}) // It stays, until a test quits it.
