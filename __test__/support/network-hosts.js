// Makes hosts of their own on this machine, in network namespaces joined by a bridge, each with Avahi where it is wanted.
'use strict'

const { execFileSync, spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { eventually } = require('./measure.js')
const { PROJECT } = require('./run-node.js')
const { temporaryDirectory } = require('./temporary-directory.js')

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** Namespaces have one name space for the whole machine, and test files run at the same time. */
let created = 0

/** @param {string[]} args */
const ip = (...args) => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

class NetworkHost {
  /**
   * @param {string} namespace
   * @param {string} name the host name, without `.local`
   * @param {string} address
   * @param {string} directory of its own
   */
  constructor(namespace, name, address, directory) {
    this.namespace = namespace
    this.name = name
    this.address = address
    this.directory = directory
    /** @type {ChildProcess[]} */
    this.children = []
  }

  /**
   * Starts a program on this host. It is killed with the test.
   * @param {string[]} command
   * @param {import('node:child_process').SpawnOptions} [options]
   */
  spawn(command, options) {
    const child = spawn('ip', ['netns', 'exec', this.namespace, ...command], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
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
    this.avahi = this.spawn(
      ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', AVAHI, 'sh', configuration],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    )
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
    return { established: lineOf(child, 'Established'), withdraw: () => child.kill('SIGTERM') }
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
    addDefaultRoute(this.namespace)
  }

  /** Removes the IPv4 address, so that only the link-local IPv6 address is left. */
  removeAddress() {
    ip('-n', this.namespace, 'address', 'flush', 'dev', 'eth0', 'scope', 'global')
  }

  /** @param {string} address */
  changeAddress(address) {
    ip('-n', this.namespace, 'address', 'flush', 'dev', 'eth0', 'scope', 'global')
    ip('-n', this.namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    addDefaultRoute(this.namespace)
    this.address = address
  }

  /**
   * Starts a server on port 1337 that answers as Osaurus, or with another text.
   * @param {{ port?: number, text?: string }} [options]
   */
  async startServer({ port = 1337, text = 'Osaurus Server is running! 🦕' } = {}) {
    const script = path.join(PROJECT, '__test__/fixtures/network/server.js')
    const child = this.spawn([process.execPath, script, String(port), text])
    await lineOf(child, 'listening')
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

/** A bus and Avahi, until standard input ends. Multicast of the host's own addresses is announced at once. */
const AVAHI = `
  mount -t tmpfs tmpfs /run
  mkdir -p /run/dbus /run/avahi-daemon
  dbus-daemon --system --nofork --nopidfile &
  until [ -S /run/dbus/system_bus_socket ]; do sleep 0.02; done
  avahi-daemon --file "$1" --no-drop-root --no-rlimits --no-chroot >/dev/null 2>&1 &
  until avahi-daemon --check && [ -S /run/avahi-daemon/socket ]; do sleep 0.02; done
  echo ready
  cat >/dev/null
`

/** Quotes a word for sh. @param {string} word */
const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`

/** Where packets to a multicast group go. @param {string} namespace */
function addDefaultRoute(namespace) {
  ip('-n', namespace, 'route', 'replace', 'default', 'dev', 'eth0')
}

/** Waits for a line on the standard output of a child. @param {ChildProcess} child @param {string} line */
async function lineOf(child, line) {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  await eventually(() => text.includes(line), `"${line}" from a host of the test`)
}

/**
 * Makes a network of hosts at 10.77.0.1, 10.77.0.2 and so on. All is removed with the test.
 * @param {import('node:test').TestContext} t
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
    hosts.push(new NetworkHost(namespace, name, address, temporaryDirectory(t)))
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    ip('-n', bridge, 'link', 'add', `p${index}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
    ip('-n', bridge, 'link', 'set', `p${index}`, 'master', 'br0', 'up')
    ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    ip('-n', namespace, 'link', 'set', 'eth0', 'up')
    addDefaultRoute(namespace)
  })
  return hosts
}

module.exports = { makeHosts }
