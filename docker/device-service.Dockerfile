# Built from the checkout's root, after `./ponix --version` has built the jar.
FROM eclipse-temurin:17-jre@sha256:c6f2875c05ea10f16398bdc5f73405c384991506f2f1ead8bcc6582ae8adea79
COPY device-service/target/ponix-device-service.jar /opt/ponix/ponix-device-service.jar
# A new volume has the owner of what it covers.
RUN install -d -o 65534 -g 65534 -m 700 /var/lib/ponix/keys /var/lib/ponix/bridge-key
USER 65534
EXPOSE 50051 8080
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-jar", "/opt/ponix/ponix-device-service.jar"]
