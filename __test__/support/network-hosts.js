// Makes hosts of their own on this machine, in network namespaces joined by a bridge, each with Avahi where it is wanted.
'use strict'

const { execFileSync, spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { eventually } = require('./measure.js')
const { PROJECT } = require('./run-node.js')
const { temporaryDirectory } = require('./temporary-directory.js')

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const AVAHI = path.join(__dirname, '..', 'fixtures', 'network', 'avahi.sh')

/** Namespaces have one name space for the whole machine, and test files run at the same time. */
let created = 0

/** @param {string[]} args */
const ip = (...args) => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

class NetworkHost {
  /**
   * @param {string} bridge the namespace of the network's bridge
   * @param {string} namespace
   * @param {string} name the host name, without `.local`
   * @param {string} address
   * @param {string} directory of its own
   */
  constructor(bridge, namespace, name, address, directory) {
    this.bridge = bridge
    this.namespace = namespace
    this.name = name
    this.address = address
    this.directory = directory
    /** @type {ChildProcess[]} */
    this.children = []
  }

  /**
   * Starts a program on this host. It is killed with the test, and its temporary files are removed.
   * @param {string[]} command
   * @param {import('node:child_process').SpawnOptions} [options]
   */
  spawn(command, { env = process.env, ...options } = {}) {
    const child = spawn('ip', ['netns', 'exec', this.namespace, ...command], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
      env: { ...env, TMPDIR: this.directory },
      ...options,
    })
    this.children.push(child)
    return child
  }

  /** Runs a command on this host and returns what it prints. @param {string[]} command */
  run(...command) {
    return execFileSync('ip', ['netns', 'exec', this.namespace, ...command], { encoding: 'utf8' })
  }

  /**
   * Starts Avahi, with a bus and a /run of its own, and waits until it answers.
   * @param {string} [hostName] default: the name of the host
   */
  async startAvahi(hostName = this.name) {
    const configuration = path.join(this.directory, 'avahi-daemon.conf')
    fs.writeFileSync(
      configuration,
      `[server]\nhost-name=${hostName}\nallow-interfaces=eth0\n` +
        '[wide-area]\nenable-wide-area=no\n[publish]\npublish-workstation=no\npublish-hinfo=no\n[rlimits]\n',
    )
    this.avahi = this.spawn(['unshare', '--mount', '--propagation', 'private', 'sh', AVAHI, configuration], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    await lineOf(this.avahi, 'ready')
  }

  /**
   * Advertises a service, as Osaurus does for each visible agent, until `withdraw()`.
   * @param {string} name the DNS-SD instance name
   * @param {{ type?: string, port?: number, txt?: string[], host?: string }} [options]
   */
  advertise(name, { type = '_osaurus._tcp', port = 1337, txt = [], host } = {}) {
    const target = host ? ['-H', host] : []
    const words = ['avahi-publish', '-s', ...target, name, type, String(port), ...txt].map(quoted)
    const child = this.inAvahi(`exec ${words.join(' ')} 2>&1`)
    const established = lineOf(child, 'Established')
    established.catch(() => {}) // Only a test that waits for it minds.
    return { established, withdraw: () => child.kill('SIGTERM') }
  }

  /** Publishes the address of a host name, of this host or another. @param {string} name @param {string} address */
  advertiseAddress(name, address) {
    this.inAvahi(`exec avahi-publish -a -R ${quoted(name)} ${quoted(address)}`)
  }

  /** Runs a shell command where Avahi's bus is. @param {string} script */
  inAvahi(script) {
    if (!this.avahi) throw new Error(`start Avahi on ${this.name} first`)
    const inside = ['nsenter', '--mount', '--net', '--target', String(this.avahi.pid), 'sh', '-c', script]
    const child = spawn(inside[0], inside.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] })
    this.children.push(child)
    return child
  }

  /** Stops everything on this host at once, without a goodbye, as a Mac that loses power. */
  fallAsleep() {
    ip('-n', this.namespace, 'link', 'set', 'eth0', 'down')
  }

  wakeUp() {
    ip('-n', this.namespace, 'link', 'set', 'eth0', 'up')
  }

  /** Takes the interface out, so that only the loopback interface remains. */
  unplug() {
    ip('-n', this.namespace, 'link', 'delete', 'eth0')
  }

  /** Puts an interface of another name in. */
  plugIn() {
    addInterface(this.bridge, this.namespace, 'eth1', this.address)
  }

  /** Puts a further interface in, to the network of another host. @param {NetworkHost} host @param {string} name @param {string} address */
  plugInto(host, name, address) {
    addInterface(host.bridge, this.namespace, name, address)
  }

  /** Sends what is for other networks to this one, so that any address can be reached for. */
  routeEverything() {
    ip('-n', this.namespace, 'route', 'replace', 'default', 'dev', 'eth0')
  }

  /** Removes the IPv4 address, so that only the link-local IPv6 address is left. */
  removeAddress() {
    ip('-n', this.namespace, 'address', 'flush', 'dev', 'eth0', 'scope', 'global')
  }

  /** @param {string} address */
  changeAddress(address) {
    ip('-n', this.namespace, 'address', 'flush', 'dev', 'eth0', 'scope', 'global')
    ip('-n', this.namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    this.address = address
  }

  /**
   * Starts a server on port 1337 that answers as Osaurus, or with another text.
   * @param {{ port?: number, text?: string, ports?: number }} [options] `ports`: on as many, from `port` on
   */
  async startServer({ port = 1337, text = 'Osaurus Server is running! 🦕', ports = 1 } = {}) {
    return this.runFixture('server.js', [String(port), text, String(ports)], 'listening')
  }

  /** Sends the packets of a scenario of `__test__/fixtures/network/scenarios.js`. @param {string[]} scenario */
  async send(...scenario) {
    await this.runFixture('send.js', scenario, 'sent')
  }

  /**
   * Starts a script of `__test__/fixtures/network`, and waits for a line of it.
   * @param {string} script
   * @param {string[]} args
   * @param {string} line
   */
  async runFixture(script, args, line) {
    const child = this.spawn([
      process.execPath,
      path.join(PROJECT, '__test__/fixtures/network', script),
      ...args,
    ])
    await lineOf(child, line)
    return child
  }

  close() {
    for (const { pid, exitCode, signalCode } of this.children) {
      if (pid === undefined || exitCode !== null || signalCode !== null) continue
      for (const target of [-pid, pid]) {
        try {
          process.kill(target, 'SIGKILL')
        } catch {
          // It has ended by itself.
        }
      }
    }
  }
}

/** Quotes a word for sh. @param {string} word */
const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`

/** Joins a namespace to the bridge by an interface of its own. @param {string} bridge @param {string} namespace @param {string} name @param {string} address */
function addInterface(bridge, namespace, name, address) {
  const port = `p${++created}`
  ip('-n', bridge, 'link', 'add', port, 'type', 'veth', 'peer', 'name', name, 'netns', namespace)
  ip('-n', bridge, 'link', 'set', port, 'master', 'br0', 'up')
  ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', name)
  ip('-n', namespace, 'link', 'set', name, 'up')
}

/** Waits for a line on the standard output of a child. @param {ChildProcess} child @param {string} line */
async function lineOf(child, line) {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  await eventually(() => text.includes(line), `"${line}" from a host of the test`)
}

/**
 * Makes a network of hosts at 10.77.0.1, 10.77.0.2 and so on. All is removed with the test.
 * @param {{ after(fn: () => unknown): void }} t
 * @param {string[]} names
 */
function makeHosts(t, ...names) {
  const network = `osaurus-${process.pid}-${++created}`
  const bridge = `${network}-b`
  ip('netns', 'add', bridge)
  t.after(() => {
    for (const host of hosts) host.close()
    for (const namespace of [bridge, ...hosts.map((each) => each.namespace)]) ip('netns', 'delete', namespace)
  })
  ip('-n', bridge, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0')
  ip('-n', bridge, 'link', 'set', 'br0', 'up')
  /** @type {NetworkHost[]} */
  const hosts = []
  names.forEach((name, index) => {
    const namespace = `${network}-${index}`
    ip('netns', 'add', namespace)
    const address = `10.77.0.${index + 1}`
    hosts.push(new NetworkHost(bridge, namespace, name, address, temporaryDirectory(t)))
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    addInterface(bridge, namespace, 'eth0', address)
  })
  return hosts
}

module.exports = { makeHosts }
