/** Said wherever a student is sent to the site, or about to build it. */
export const PLAIN_HTTP = 'The site is plain HTTP: do not use a real password in it.'
