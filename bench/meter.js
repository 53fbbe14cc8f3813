// Writes the processor time of a process to descriptor 3 when it ends. Loaded before what it measures.
'use strict'

process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  require('fs').writeSync(3, String((user + system) / 1e3))
})
