import { z } from 'zod'
import { DeliveryError } from '../../destination.ts'
import { request } from '../../http.ts'
import { readJson } from './vendor.ts'

/** An access token that is fetched when it is needed, and anew when the vendor takes it no more. */
export interface Login {
  /** @throws {DeliveryError} fatal: the credentials are wrong */
  granted(): Promise<Granted>
  /** Whether trying again with a new token makes sense. */
  renew(): boolean
}

export interface Granted {
  readonly access_token: string
  readonly instance_url?: string | undefined
}

const granted = z.object({ access_token: z.string().min(1), instance_url: z.string().optional() })

/** A token that stands in the settings. */
export function fixedLogin(own: Granted): Login {
  return { granted: async () => own, renew: () => false }
}

/** The token endpoint of OAuth 2, asked with a form. */
export function openLogin(url: string, form: Readonly<Record<string, string>>): Login {
  let current: Promise<Granted> | undefined
  const fetched = async (): Promise<Granted> => {
    const answer = await fatalIfRejected(() =>
      request(url, {
        body: new URLSearchParams(form).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    )
    return readJson(answer, granted)
  }
  return {
    granted() {
      current ??= fetched().catch((error: unknown) => {
        current = undefined
        throw error
      })
      return current
    },
    renew() {
      const had = current !== undefined
      current = undefined
      return had
    },
  }
}

/** Sends with the token, and once more with a new one if it has run out. */
export async function authorized<T>(login: Login, send: (grant: Granted) => Promise<T>): Promise<T> {
  const grant = await login.granted()
  try {
    return await send(grant)
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.kind !== 'fatal' || !login.renew()) throw error
    return await send(await login.granted())
  }
}

/** What is asked for with settings alone is not made better by smaller batches. */
export async function fatalIfRejected<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.kind !== 'rejected') throw error
    throw new DeliveryError('fatal', error.reason, error.message, { cause: error })
  }
}
