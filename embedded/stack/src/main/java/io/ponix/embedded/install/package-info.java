/** Where programs come from: what the build has made, what was fetched once and is kept. */
package io.ponix.embedded.install;
