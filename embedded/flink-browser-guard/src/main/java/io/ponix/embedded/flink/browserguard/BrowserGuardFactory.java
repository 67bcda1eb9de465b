package io.ponix.embedded.flink.browserguard;

import io.ponix.environment.AllowedHosts;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.io.network.netty.InboundChannelHandlerFactory;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpServerCodec;
import org.apache.flink.util.ConfigurationException;

/**
 * Puts a {@link BrowserGuard} before every connection of Flink's REST interface. Flink finds it
 * where this module's jar is in the {@code lib} folder.
 */
public final class BrowserGuardFactory implements InboundChannelHandlerFactory {

    /**
     * Names by which the REST interface is asked for, separated by commas and without ports, beside
     * localhost and addresses in numbers: that of a proxy before it, or of a container. Pages of
     * these hosts may change what its own may.
     */
    public static final ConfigOption<String> ALLOWED_HOSTS =
            ConfigOptions.key("ponix.rest.allowed-hosts")
                    .stringType()
                    .defaultValue("")
                    .withDescription("Names by which Flink's REST interface is asked for.");

    /** The guard goes before all others, whatever they say. */
    @Override
    public int priority() {
        return Integer.MAX_VALUE;
    }

    /**
     * @throws ConfigurationException if {@link #ALLOWED_HOSTS} has something that is no name: Flink
     *     closes the connection and logs it
     */
    @Override
    public Optional<ChannelHandler> createHandler(
            Configuration configuration, Map<String, String> responseHeaders)
            throws ConfigurationException {
        try {
            AllowedHosts hosts =
                    AllowedHosts.parse(ALLOWED_HOSTS.key(), configuration.get(ALLOWED_HOSTS));
            return Optional.of(new Installer(new BrowserGuard(hosts)));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(e);
        }
    }

    /**
     * Puts the guard where HTTP begins. Flink adds what a factory makes behind its own handler of
     * uploads, which stores what comes before anybody else has seen the request.
     */
    private static final class Installer extends ChannelInboundHandlerAdapter {

        private final BrowserGuard guard;

        private Installer(BrowserGuard guard) {
            this.guard = guard;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            ChannelHandlerContext http = context.pipeline().context(HttpServerCodec.class);
            if (http == null) {
                // An exception alone would leave the connection open, without a guard.
                context.close();
                throw new IllegalStateException(
                        "This is no Flink whose REST interface the guard knows: " + context);
            }
            context.pipeline().addAfter(http.name(), BrowserGuard.class.getName(), guard);
            context.pipeline().remove(this);
        }
    }
}
