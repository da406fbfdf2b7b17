use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_base64);

# All texts are bytes (UTF-8), as they come from files and requests.
sub imgsizes_url {
    my ($base_url, $secret, $source, $transform, $format) = @_;
    my $signature = substr hmac_sha256_base64("$source/$transform", $secret), 0, 16;
    $signature =~ tr{+/}{-_};
    my $path = "$source/$transform.$signature.$format";
    $path =~ s{([^A-Za-z0-9\-._~/])}{sprintf '%%%02X', ord $1}ge;
    return $base_url . $path;
}

1;
