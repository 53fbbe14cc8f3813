// Declares what tests keep in the pages of the Electron under test.
import type { InstanceChange } from 'osaurus-discovery'

declare global {
  /** The name of the window's directory, which Forge's Vite plugin puts into the main process. */
  const MAIN_WINDOW_VITE_NAME: string
  interface Window {
    received: InstanceChange[]
    stopListening: () => void
    count: number
    first: InstanceChange[]
    late: InstanceChange[]
    stopLate: () => void
    inTheSameTurn: number
    /** Bridges of the preload scripts of tests. */
    mine: { ask(): Promise<unknown> }
    eavesdropper: { ask(): Promise<unknown>; received(): number }
    other: object
  }
}
