/** An order of the daemon to the router. */
export type RouterOrder =
  | { readonly kind: 'dial'; readonly from: string; readonly to: string; readonly port: number }
  | { readonly kind: 'listen'; readonly address: string; readonly port: number }
  /** Lines for `ip -batch`. */
  | { readonly kind: 'ip'; readonly lines: readonly string[] }

/** Each is answered by its number. */
export type RouterRequest = RouterOrder & { readonly id: number }

/** The answer; a connected socket or a listening server goes along where one was asked for. */
export interface RouterAnswer {
  readonly id: number
  /** A code such as `ECONNREFUSED`, or the words of `ip`. */
  readonly error?: string
}

/** The router's first message, once its network stands. */
export const ROUTER_READY = 'ready'
