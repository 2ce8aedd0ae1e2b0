"""What each part of the article comes to, computed from data and studies."""
