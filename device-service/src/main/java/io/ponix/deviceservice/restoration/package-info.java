/** Makes what is registered what it was. */
package io.ponix.deviceservice.restoration;
