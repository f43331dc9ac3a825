import type { DestinationType } from '../destination.ts'

/** Built-in destinations by type; each is loaded when it is used. */
export const builtIn: Readonly<Record<string, () => Promise<DestinationType>>> = {
  webhook: async () => (await import('./webhook.ts')).webhook,
}
