/** Changes of what is registered: each once, by its deadline, and of the state its caller knows. */
package io.ponix.deviceservice.change;
