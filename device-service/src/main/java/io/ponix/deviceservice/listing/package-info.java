/** Lists as their callers ask for them: which elements, in which order, and page by page. */
package io.ponix.deviceservice.listing;
